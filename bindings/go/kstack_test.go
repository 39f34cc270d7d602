package kstack_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"kstack.dev/go/kstack"
)

func TestVersion(t *testing.T) {
	if kstack.Version() != kstack.HeaderVersion {
		t.Errorf("library %q, header %q", kstack.Version(), kstack.HeaderVersion)
	}
}

func TestContext(t *testing.T) {
	if kstack.IsInCluster() || kstack.CurrentContext() != kstack.ContextLocal || kstack.ContextReason() == "" {
		t.Fatal("these tests run on a developer's machine:", kstack.ContextReason())
	}
	if err := kstack.Guard(kstack.ContextLocal); err != nil {
		t.Error(err)
	}
	want(t, kstack.Guard(kstack.ContextCluster), kstack.ErrEnvironment)
}

// TestInPod runs TestInPodChild with a real service account.
func TestInPod(t *testing.T) {
	p := newProject(t)
	run := exec.Command(filepath.Join("..", "..", "Tests", "support", "in-pod"), os.Args[0],
		"-test.run", "^TestInPodChild$", "-test.v")
	run.Env = append(os.Environ(), "KSTACK_GO_CHILD="+p.root)
	output, err := run.CombinedOutput()
	if run.ProcessState != nil && run.ProcessState.ExitCode() == 77 {
		t.Skip("the kernel gives no namespaces here")
	}
	if err != nil || !strings.Contains(string(output), "--- PASS: TestInPodChild") {
		t.Fatalf("%v\n%s", err, output)
	}
}

func TestInPodChild(t *testing.T) {
	root := os.Getenv("KSTACK_GO_CHILD")
	if root == "" {
		return // It is TestInPod that runs this one.
	}
	if !kstack.IsInCluster() || kstack.CurrentContext() != kstack.ContextCluster {
		t.Fatal(kstack.ContextReason())
	}
	if err := kstack.Guard(kstack.ContextCluster); err != nil {
		t.Error(err)
	}
	want(t, kstack.Guard(kstack.ContextLocal), kstack.ErrEnvironment)
	container := must[*kstack.Container](t)(kstack.New(kstack.Options{ProjectRoot: root}))
	defer container.Close()
	_, err := container.OpenVault("dev")
	want(t, err, kstack.ErrEnvironment)
	// A pod is one of one environment.
	if environment := must[string](t)(container.Environment()); environment != "production" {
		t.Error(environment)
	}
	_, err = container.GetCredentials("s3", "layer3", "dev")
	want(t, err, kstack.ErrConfiguration, "production")
	_, err = container.ListEnvironments()
	want(t, err, kstack.ErrEnvironment)
	_, err = container.ListServices("layer3", "dev")
	want(t, err, kstack.ErrEnvironment)
	_, err = kstack.GenerateIdentity()
	want(t, err, kstack.ErrEnvironment)
	for _, get := range []func() (string, error){container.ConfigRoot, container.VaultRoot} {
		if path := must[string](t)(get()); path != "" {
			t.Errorf("got %q in a pod", path)
		}
	}
}

func TestLayers(t *testing.T) {
	for number, namespace := range []string{
		"layer-0-applications", "layer-1-tenant-infra", "layer-2-global-services", "layer-3-global-infra",
	} {
		name := fmt.Sprintf("layer%d", number)
		for _, text := range []string{name, strings.ToUpper(name), fmt.Sprint(number), namespace} {
			layer := must[kstack.Layer](t)(kstack.ParseLayer(text))
			if layer.Number() != number || layer.String() != name || layer.Namespace() != namespace {
				t.Errorf("%q gave %d, %s, %s", text, layer.Number(), layer, layer.Namespace())
			}
		}
	}
	for _, text := range []string{"", "layer4", "-1", "layer3\x00", "layer\xff"} {
		layer, err := kstack.ParseLayer(text)
		want(t, err, kstack.ErrInvalidArgument)
		if layer.Number() != -1 || layer.String() != "" || layer.Namespace() != "" || layer.DisplayName() != "" {
			t.Errorf("%q gave a layer", text)
		}
	}
}

func TestErrors(t *testing.T) {
	sentinels := []*kstack.Error{
		kstack.ErrInvalidArgument, kstack.ErrEnvironment, kstack.ErrConfiguration, kstack.ErrServiceNotFound,
		kstack.ErrLayerAccess, kstack.ErrRoute, kstack.ErrVault, kstack.ErrClusterAPI, kstack.ErrIO,
		kstack.ErrInternal, kstack.ErrConflict,
	}
	for i, sentinel := range sentinels {
		if int(sentinel.Code) != i+1 || !strings.HasPrefix(sentinel.Code.String(), "KSTACK_ERROR_") {
			t.Errorf("%v has code %d, %s", sentinel, sentinel.Code, sentinel.Code)
		}
		for j, other := range sentinels {
			if errors.Is(fmt.Errorf("wrapped: %w", sentinel), other) != (i == j) {
				t.Errorf("%v is %v?", sentinel, other)
			}
		}
	}
	if name := kstack.Code(99).String(); name != "KSTACK_ERROR_UNKNOWN" {
		t.Error(name)
	}
}
