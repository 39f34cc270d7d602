package kstack_test

import (
	"context"
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
	if kstack.IsInCluster() || kstack.CurrentContext() != kstack.LocalContext || kstack.ContextReason() == "" {
		t.Fatal("these tests run on a developer's machine:", kstack.ContextReason())
	}
	if err := kstack.Guard(kstack.LocalContext); err != nil {
		t.Error(err)
	}
	want(t, kstack.Guard(kstack.ClusterContext), kstack.ErrEnvironment)
}

// TestInPod runs TestInPodChild with a real service account.
func TestInPod(t *testing.T) {
	p := newProject(t)
	run := exec.Command(filepath.Join("..", "..", "Tests", "support", "in-pod"), os.Args[0],
		"-test.run", "^TestInPodChild$", "-test.v")
	run.Env = append(os.Environ(), "KSTACK_GO_CHILD="+p.root, "KSTACK_LIBRARY="+loadedLibrary(t))
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
		return // TestInPod runs it.
	}
	if !kstack.IsInCluster() || kstack.CurrentContext() != kstack.ClusterContext {
		t.Fatal(kstack.ContextReason())
	}
	if err := kstack.Guard(kstack.ClusterContext); err != nil {
		t.Error(err)
	}
	want(t, kstack.Guard(kstack.LocalContext), kstack.ErrEnvironment)
	container := must[*kstack.Container](t)(kstack.New(kstack.Options{ProjectRoot: root}))
	defer container.Close()
	_, err := container.OpenVault(ctx, "dev")
	want(t, err, kstack.ErrEnvironment)
	// A pod belongs to one environment.
	if environment := must[string](t)(container.Environment(ctx)); environment != "production" {
		t.Error(environment)
	}
	_, err = container.GetCredentials(ctx, query("s3", "layer3", "dev"))
	want(t, err, kstack.ErrConfiguration, "production")
	_, err = container.ListEnvironments(ctx)
	want(t, err, kstack.ErrEnvironment)
	_, err = container.ListServices(ctx, "layer3", "dev")
	want(t, err, kstack.ErrEnvironment)
	_, err = kstack.GenerateIdentity()
	want(t, err, kstack.ErrEnvironment)
	for _, get := range []func(context.Context) (string, error){container.ConfigRoot, container.VaultRoot} {
		if path := must[string](t)(get(ctx)); path != "" {
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

var codes = []kstack.Code{
	kstack.ErrInvalidArgument, kstack.ErrEnvironment, kstack.ErrConfiguration, kstack.ErrServiceNotFound,
	kstack.ErrLayerAccess, kstack.ErrRoute, kstack.ErrVault, kstack.ErrClusterAPI, kstack.ErrIO,
	kstack.ErrInternal, kstack.ErrConflict, kstack.ErrTimeout, kstack.ErrCancelled,
}

func TestErrors(t *testing.T) {
	for i, sentinel := range codes {
		if int(sentinel) != i+1 || !strings.HasPrefix(sentinel.String(), "KSTACK_ERROR_") {
			t.Errorf("%v has code %d, %s", sentinel, sentinel, sentinel)
		}
		for j, other := range codes {
			if errors.Is(fmt.Errorf("wrapped: %w", sentinel), other) != (i == j) {
				t.Errorf("%v is %v?", sentinel, other)
			}
		}
	}
	if name := kstack.Code(99).String(); name != "KSTACK_ERROR_UNKNOWN" {
		t.Error(name)
	}
}
