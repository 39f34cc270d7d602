package kstack_test

import (
	"context"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"kstack.dev/go/kstack"
)

// ended returns a context that was cancelled and one whose deadline has passed.
func ended(t *testing.T) (cancelled, late context.Context) {
	t.Helper()
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	late, cancel = context.WithTimeout(ctx, -1)
	t.Cleanup(cancel)
	return cancelled, late
}

func TestAContextThatHasEnded(t *testing.T) {
	p := newProject(t)
	p.recipients(t, "dev")
	container, vault := p.container(t), p.vault(t)
	cancelled, late := ended(t)
	for i, call := range []func(context.Context) error{
		func(ctx context.Context) error {
			_, err := container.GetCredentials(ctx, query("s3", "layer3", "dev"))
			return err
		},
		func(ctx context.Context) error { _, err := container.LoadSecrets(ctx, "layer3", "dev"); return err },
		func(ctx context.Context) error {
			_, err := container.ResolveService(ctx, query("s3", "layer3", "dev"))
			return err
		},
		func(ctx context.Context) error {
			_, err := container.AWSCredentialProcess(ctx, query("s3", "layer3", "dev"))
			return err
		},
		func(ctx context.Context) error { _, err := container.Environment(ctx); return err },
		func(ctx context.Context) error { _, err := container.ConfigRoot(ctx); return err },
		func(ctx context.Context) error { _, err := container.VaultRoot(ctx); return err },
		func(ctx context.Context) error { _, err := container.ListEnvironments(ctx); return err },
		func(ctx context.Context) error { _, err := container.OpenVault(ctx, "dev"); return err },
		func(ctx context.Context) error { _, err := container.ListServices(ctx, "layer3", "dev"); return err },
		func(ctx context.Context) error { _, err := container.ActiveRoute(ctx, "layer3"); return err },
		func(ctx context.Context) error { return container.SetActiveRoute(ctx, "layer3", "staging") },
		func(ctx context.Context) error { _, err := container.ConfigMap(ctx, "layer3", "a", "b"); return err },
		func(ctx context.Context) error { _, err := vault.IsEncrypted(ctx); return err },
		func(ctx context.Context) error { _, err := vault.Read(ctx, "layer3", "a"); return err },
		func(ctx context.Context) error { return vault.Write(ctx, "layer3", "new.txt", nil, "") },
		func(ctx context.Context) error { _, err := vault.GetFile(ctx, "layer3", "a"); return err },
		func(ctx context.Context) error { _, err := vault.List(ctx, "", kstack.EncryptedFiles); return err },
		func(ctx context.Context) error { _, err := vault.Decrypt(ctx, kstack.DecryptOptions{}); return err },
		func(ctx context.Context) error { _, err := vault.Encrypt(ctx, kstack.EncryptOptions{}); return err },
		func(ctx context.Context) error { _, err := vault.Rekey(ctx, kstack.RekeyOptions{}); return err },
		func(ctx context.Context) error { _, err := vault.Status(ctx, kstack.StatusOptions{}); return err },
	} {
		if err := call(cancelled); !errors.Is(err, kstack.ErrCancelled) || !errors.Is(err, context.Canceled) ||
			errors.Is(err, kstack.ErrTimeout) {
			t.Errorf("call %d gave %v", i, err)
		}
		err := call(late)
		var failure *kstack.Error
		if !errors.Is(err, kstack.ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) ||
			errors.Is(err, context.Canceled) || !errors.As(err, &failure) || !failure.Retryable {
			t.Errorf("call %d gave %v", i, err)
		}
	}
	if read(t, p.path("secret.new.txt")) != nil || read(t, p.path("cloud-credentials.yaml")) != nil {
		t.Error("something was written")
	}
}

func TestAContextThatCouldEnd(t *testing.T) {
	container := newProject(t).container(t)
	ctx, cancel := context.WithTimeout(ctx, time.Hour)
	defer cancel()
	credentials := must[*kstack.Credentials](t)(container.GetCredentials(ctx, query("s3", "layer3", "dev")))
	defer credentials.Close()
	cancel()
	if value, ok := credentials.Lookup("octal"); !ok || value != "0123" {
		t.Errorf("%q, %v", value, ok)
	}
	_, err := container.GetCredentials(ctx, query("s3", "layer3", "dev"))
	want(t, err, context.Canceled)
}

func TestAContextEndsAWaitForTheLock(t *testing.T) {
	p := newProject(t)
	p.encrypt(t, "a.txt", []byte("a"))
	vault := p.vault(t)
	folder, err := os.Open(vault.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	if err := syscall.Flock(int(folder.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	late, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	if _, err := vault.Decrypt(late, kstack.DecryptOptions{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a deadline gave %v", err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	time.AfterFunc(200*time.Millisecond, cancel)
	if _, err := vault.Decrypt(cancelled, kstack.DecryptOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelling gave %v", err)
	}
	if spent := time.Since(start); spent > 15*time.Second { // Each would wait for half a minute.
		t.Errorf("it took %v", spent)
	}
	if err := syscall.Flock(int(folder.Fd()), syscall.LOCK_UN); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.Decrypt(ctx, kstack.DecryptOptions{}); err != nil {
		t.Error(err)
	}
}

// waiting is a provider that answers when its context has ended.
type waiting struct {
	called chan context.Context
}

type contextKey struct{}

func (w waiting) GetCredentials(ctx context.Context, _ kstack.Query) (map[string]string, error) {
	w.called <- ctx
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestAProviderGetsTheContextOfTheCall(t *testing.T) {
	container := empty(t)
	provider := waiting{make(chan context.Context, 1)}
	set(t, container, provider)
	ctx, cancel := context.WithCancel(context.WithValue(ctx, contextKey{}, "of the call"))
	defer cancel()
	failures := make(chan error)
	go func() {
		_, err := container.GetCredentials(ctx, query("s3", "layer3", ""))
		failures <- err
	}()
	if given := <-provider.called; given.Value(contextKey{}) != "of the call" {
		t.Error("the provider got another context")
	}
	cancel()
	want(t, <-failures, context.Canceled)
}

// TestProvidersThatLookUpThemselves makes more calls at a time than may run inside the library, each of which makes
// another.
func TestProvidersThatLookUpThemselves(t *testing.T) {
	container := empty(t)
	const count = 200
	var all sync.WaitGroup
	all.Add(count)
	set(t, container, own(func(service, layer, environment string) (map[string]string, error) {
		if service == "deep" {
			return map[string]string{"key": "deep"}, nil
		}
		all.Done()
		all.Wait()
		deep, err := container.GetCredentials(ctx, query("deep", kstack.Layer(layer), environment))
		if err != nil {
			return nil, err
		}
		defer deep.Close()
		return deep.Map()
	}))
	var group sync.WaitGroup
	for i := 0; i < count; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			credentials, err := container.GetCredentials(ctx, query("s3", "layer3", ""))
			if err != nil {
				t.Error(err)
				return
			}
			credentials.Close()
		}()
	}
	group.Wait()
}

// TestAHangingServer runs TestAHangingServerChild in a pod whose API server accepts requests and never answers.
func TestAHangingServer(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		_, _ = io.Copy(io.Discard, request.Body) // Else the server does not see that the client has gone.
		<-request.Context().Done()
	}))
	defer server.Close()
	authority := filepath.Join(t.TempDir(), "ca.crt")
	writeFile(t, authority, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	address := must[*url.URL](t)(url.Parse(server.URL))
	run := exec.Command(filepath.Join("..", "..", "Tests", "support", "in-pod"), os.Args[0],
		"-test.run", "^TestAHangingServerChild$", "-test.v")
	run.Env = append(os.Environ(), "KSTACK_GO_HANGING=1", "KSTACK_POD_CA="+authority,
		"KUBERNETES_SERVICE_HOST="+address.Hostname(), "KUBERNETES_SERVICE_PORT="+address.Port())
	output, err := run.CombinedOutput()
	if run.ProcessState != nil && run.ProcessState.ExitCode() == 77 {
		t.Skip("the kernel gives no namespaces here")
	}
	if err != nil || !strings.Contains(string(output), "--- PASS: TestAHangingServerChild") {
		t.Fatalf("%v\n%s", err, output)
	}
}

func TestAHangingServerChild(t *testing.T) {
	if os.Getenv("KSTACK_GO_HANGING") == "" {
		return // TestAHangingServer runs it.
	}
	container := must[*kstack.Container](t)(kstack.New(kstack.Options{Timeout: time.Minute}))
	ctx, cancel := context.WithCancel(ctx)
	const count = 1000
	failures := make(chan error, count)
	for i := 0; i < count; i++ {
		go func() {
			_, err := container.GetCredentials(ctx, query("s3", "layer3", ""))
			failures <- err
		}()
	}
	for i := 0; i < 200 && threads(t) < 64; i++ {
		time.Sleep(100 * time.Millisecond)
	}
	time.Sleep(time.Second)
	if number := threads(t); number < 64 || number > 200 {
		t.Errorf("%d threads wait for %d goroutines", number, count)
	}
	start := time.Now()
	cancel()
	for i := 0; i < count; i++ {
		want(t, <-failures, context.Canceled)
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Error("the calls ended after", took)
	}
	// The calls themselves have ended, too, long before their minute: there is a slot again.
	soon, stop := context.WithTimeout(context.Background(), 30*time.Second)
	defer stop()
	if environment := must[string](t)(container.Environment(soon)); environment != "production" {
		t.Error(environment)
	}
	// Calls that write end with their context as well.
	late, stop := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer stop()
	want(t, container.SetActiveRoute(late, "layer3", "staging"), context.DeadlineExceeded)
	cancelled, cancel := context.WithCancel(context.Background())
	time.AfterFunc(200*time.Millisecond, cancel)
	want(t, container.SetActiveRoute(cancelled, "layer3", "staging"), context.Canceled)
}

// threads returns how many threads the process has.
func threads(t *testing.T) int {
	t.Helper()
	status := must[[]byte](t)(os.ReadFile("/proc/self/status"))
	return must[int](t)(strconv.Atoi(string(regexp.MustCompile(`(?m)^Threads:\s+(\d+)$`).FindSubmatch(status)[1])))
}
