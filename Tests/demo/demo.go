// Credentials from the vault of the working directory's project.
package main

import (
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
	credentials, err := container.GetCredentials("s3", "layer3", "dev")
	if err != nil {
		log.Fatal(err)
	}
	defer credentials.Close()
	for _, name := range credentials.Names() {
		value, _ := credentials.Get(name)
		fmt.Println(name, "=", value)
	}
}
