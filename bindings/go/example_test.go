package kstack_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"

	"kstack.dev/go/kstack"
)

func Example() {
	container, err := kstack.New(kstack.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer container.Close()

	credentials, err := container.GetCredentials(context.Background(),
		kstack.Query{Service: "s3", Layer: kstack.Layer3, Environment: "dev"})
	if errors.Is(err, kstack.ErrServiceNotFound) {
		log.Fatal("nobody wrote credentials for s3 yet")
	} else if err != nil {
		log.Fatal(err)
	}
	defer credentials.Close()

	key, err := credentials.Get("access-key")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(key), "characters from", credentials.Source())
}

func ExampleContainer_OpenVault() {
	container, err := kstack.New(kstack.Options{ProjectRoot: "project"})
	if err != nil {
		log.Fatal(err)
	}
	defer container.Close()

	vault, err := container.OpenVault(context.Background(), "dev")
	if err != nil {
		log.Fatal(err)
	}
	defer vault.Close()

	results, err := vault.Decrypt(context.Background(), kstack.DecryptOptions{})
	for _, file := range results {
		fmt.Println(file.Path, file.Outcome, file.Message)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func ExampleVault_Encrypt() {
	container, err := kstack.New(kstack.Options{ProjectRoot: "project"})
	if err != nil {
		log.Fatal(err)
	}
	defer container.Close()

	vault, err := container.OpenVault(context.Background(), "dev")
	if err != nil {
		log.Fatal(err)
	}
	defer vault.Close()

	results, err := vault.Encrypt(context.Background(), kstack.EncryptOptions{Team: "ops"})
	if errors.Is(err, kstack.ErrConflict) {
		for _, file := range results {
			if file.Outcome == kstack.FileConflict {
				fmt.Println(file.Message)
			}
		}
	} else if err != nil {
		log.Fatal(err)
	}
}

func ExampleCredentials_Environ() {
	container, err := kstack.New(kstack.Options{ProjectRoot: "project"})
	if err != nil {
		log.Fatal(err)
	}
	defer container.Close()

	secrets, err := container.LoadSecrets(context.Background(), "layer3", "dev")
	if err != nil {
		log.Fatal(err)
	}
	defer secrets.Close()

	environ, err := secrets.Environ()
	if err != nil {
		log.Fatal(err)
	}
	command := exec.Command("serve")
	// Of two variables of one name the last counts: what is set already stays.
	command.Env = append(environ, os.Environ()...)
	if err := command.Run(); err != nil {
		log.Fatal(err)
	}
}

func ExampleParseLayer() {
	layer, err := kstack.ParseLayer("LAYER3")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(layer, layer.Number(), layer.Namespace(), layer.DisplayName())
	// Output: layer3 3 layer-3-global-infra Layer 3: Global Infrastructure
}

type fixed map[string]string

func (f fixed) GetCredentials(_ context.Context, query kstack.Query) (map[string]string, error) {
	if query.Service != "s3" {
		return nil, kstack.NewError(kstack.ErrServiceNotFound,
			fmt.Sprintf("there is no service %s in %s", query.Service, query.Layer))
	}
	return f, nil
}

func ExampleContainer_SetSecretsProvider() {
	container, err := kstack.New(kstack.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer container.Close()

	err = container.SetSecretsProvider(fixed{"access_key_id": "AKIATEST"}) // nil restores the library's own
	if err != nil {
		log.Fatal(err)
	}
	credentials, err := container.GetCredentials(context.Background(),
		kstack.Query{Service: "s3", Layer: kstack.Layer3, Environment: "dev"})
	if err != nil {
		log.Fatal(err)
	}
	defer credentials.Close()
	fmt.Println(credentials)

	_, err = container.GetCredentials(context.Background(), kstack.Query{Service: "smtp", Layer: kstack.Layer3})
	fmt.Println(err)
	// Output:
	// kstack.Credentials{access_key_id: ***}
	// kstack: there is no service smtp in layer3
}
