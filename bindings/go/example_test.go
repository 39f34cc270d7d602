package kstack_test

import (
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

	credentials, err := container.GetCredentials("s3", "layer3", "dev")
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

	vault, err := container.OpenVault("dev")
	if err != nil {
		log.Fatal(err)
	}
	defer vault.Close()

	results, err := vault.Decrypt(kstack.DecryptOptions{})
	for _, file := range results {
		fmt.Println(file.Path, file.Result, file.Message)
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

	vault, err := container.OpenVault("dev")
	if err != nil {
		log.Fatal(err)
	}
	defer vault.Close()

	results, err := vault.Encrypt(kstack.EncryptOptions{Team: "ops"})
	if errors.Is(err, kstack.ErrConflict) {
		for _, file := range results {
			if file.Result == kstack.Conflict {
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

	secrets, err := container.LoadSecrets("layer3", "dev")
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

func (f fixed) GetCredentials(service, layer, environment string) (map[string]string, error) {
	if service != "s3" {
		return nil, kstack.NewError(kstack.CodeServiceNotFound, "there is no service "+service+" in "+layer)
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
	credentials, err := container.GetCredentials("s3", "layer3", "dev")
	if err != nil {
		log.Fatal(err)
	}
	defer credentials.Close()
	fmt.Println(credentials)

	_, err = container.GetCredentials("smtp", "layer3", "dev")
	fmt.Println(err)
	// Output:
	// kstack.Credentials{access_key_id: ***}
	// kstack: there is no service smtp in layer3
}
