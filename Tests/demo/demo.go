// Credentials from the vault of the working directory's project.
package main

import (
	"context"
	"fmt"
	"log"

	"kstack.dev/go/kstack"
)

func main() {
	container, err := kstack.New(kstack.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer container.Close()
	credentials, err := container.GetCredentials(context.Background(),
		kstack.Query{Service: "s3", Layer: kstack.Layer3, Environment: "dev"})
	if err != nil {
		log.Fatal(err)
	}
	defer credentials.Close()
	for _, name := range credentials.Names() {
		value, _ := credentials.Get(name)
		fmt.Println(name, "=", value)
	}
}
