package kstack_test

import (
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"

	"kstack.dev/go/kstack"
)

func TestClosed(t *testing.T) {
	p := newProject(t)
	container := p.container(t)
	vault := must[*kstack.Vault](t)(container.OpenVault(ctx, ""))
	credentials := must[*kstack.Credentials](t)(container.GetCredentials(ctx, query("s3", "layer3", "dev")))
	container.Close()
	container.Close()
	// What came from the container stays valid.
	must[string](t)(credentials.Get("octal"))
	must[[]byte](t)(vault.Read(ctx, "layer3", "cloud-credentials.yaml"))
	for i := 0; i < 2; i++ {
		if err := vault.Close(); err != nil {
			t.Error(err)
		}
		if err := credentials.Close(); err != nil {
			t.Error(err)
		}
	}
	for i, call := range []func() error{
		func() error { _, err := container.GetCredentials(ctx, query("s3", "layer3", "dev")); return err },
		func() error { _, err := container.Environment(ctx); return err },
		func() error { _, err := container.ConfigRoot(ctx); return err },
		func() error { _, err := container.VaultRoot(ctx); return err },
		func() error { _, err := container.OpenVault(ctx, "dev"); return err },
		func() error { _, err := container.ListEnvironments(ctx); return err },
		func() error { _, err := container.ListServices(ctx, "layer3", "dev"); return err },
		func() error { _, err := vault.IsEncrypted(ctx); return err },
		func() error { _, err := vault.Decrypt(ctx, kstack.DecryptOptions{}); return err },
		func() error { _, err := vault.Read(ctx, "layer3", "a"); return err },
		func() error { _, err := vault.GetFile(ctx, "layer3", "a"); return err },
		func() error { _, err := vault.List(ctx, "", kstack.EncryptedFiles); return err },
		func() error { _, err := credentials.Get("octal"); return err },
		func() error { _, err := credentials.Bytes("octal"); return err },
		func() error { _, err := credentials.Map(); return err },
		func() error { _, err := credentials.JSON(); return err },
		func() error { _, err := new(kstack.Container).Environment(ctx); return err },
		func() error { _, err := new(kstack.Vault).IsEncrypted(ctx); return err },
		func() error { _, err := new(kstack.Credentials).Get("a"); return err },
	} {
		err := call()
		if !errors.Is(err, kstack.ErrClosed) || !errors.Is(err, kstack.ErrInvalidArgument) {
			t.Errorf("call %d gave %v", i, err)
		}
	}
	for _, closer := range []interface{ Close() error }{
		new(kstack.Container), new(kstack.Vault), new(kstack.Credentials),
	} {
		if err := closer.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestGoroutines(t *testing.T) {
	p := newProject(t)
	container := p.container(t)
	var group sync.WaitGroup
	for i := 0; i < 8; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for j := 0; j < 20; j++ {
				credentials, err := container.GetCredentials(ctx, query("s3", "layer3", "dev"))
				if err != nil {
					t.Error(err)
					return
				}
				if value, err := credentials.Get("octal"); err != nil || value != "0123" {
					t.Errorf("%q, %v", value, err)
				}
				credentials.Close()
			}
		}()
	}
	group.Wait()
}

func TestCloseDuringRunningCalls(t *testing.T) {
	p := newProject(t)
	for round := 0; round < 10; round++ {
		container := p.container(t)
		vault := must[*kstack.Vault](t)(container.OpenVault(ctx, "dev"))
		credentials := must[*kstack.Credentials](t)(container.GetCredentials(ctx, query("s3", "layer3", "dev")))
		start := make(chan struct{})
		var group sync.WaitGroup
		for i := 0; i < 8; i++ {
			group.Add(1)
			go func() {
				defer group.Done()
				<-start
				for j := 0; j < 20; j++ {
					given, err := container.GetCredentials(ctx, query("s3", "layer3", "dev"))
					if err == nil {
						given.Close()
					} else if !errors.Is(err, kstack.ErrClosed) {
						t.Error(err)
					}
					if _, err := credentials.Map(); err != nil && !errors.Is(err, kstack.ErrClosed) {
						t.Error(err)
					}
					if _, err := vault.Read(ctx, "layer3", "cloud-credentials.yaml"); err != nil && !errors.Is(err, kstack.ErrClosed) {
						t.Error(err)
					}
				}
			}()
		}
		for i := 0; i < 2; i++ {
			group.Add(1)
			go func() {
				defer group.Done()
				<-start
				container.Close()
				credentials.Close()
				vault.Close()
			}()
		}
		close(start)
		group.Wait()
	}
}

func TestFinalizers(t *testing.T) {
	p := newProject(t)
	for i := 0; i < 50; i++ {
		container := must[*kstack.Container](t)(kstack.New(kstack.Options{
			ProjectRoot: p.root, IdentityFile: p.identityFile, Log: func(kstack.LogLevel, string) {},
		}))
		must[*kstack.Vault](t)(container.OpenVault(ctx, "dev"))
		must[*kstack.Credentials](t)(container.GetCredentials(ctx, query("s3", "layer3", "dev")))
	}
	for i := 0; i < 3; i++ {
		runtime.GC()
		time.Sleep(10 * time.Millisecond)
	}
}

// Go's garbage collector does not see the memory of results, so a service that never closes them keeps very many.
func TestManyResultsThatNobodyCloses(t *testing.T) {
	container := empty(t)
	set(t, container, own(func(service, layer, environment string) (map[string]string, error) {
		return map[string]string{"key": "value"}, nil
	}))
	live := make([][]byte, 20)
	for i := range live {
		live[i] = make([]byte, 1<<20)
	}
	results := make([]*kstack.Credentials, 60000)
	for i := range results {
		results[i] = must[*kstack.Credentials](t)(container.GetCredentials(ctx, query("s3", "layer3", "dev")))
	}
	for _, credentials := range []*kstack.Credentials{results[0], results[30000], results[59999]} {
		if value := must[string](t)(credentials.Get("key")); value != "value" {
			t.Error(value)
		}
	}
	runtime.KeepAlive(live)
}
