// Holds credentials until it reads a line, then closes all. It only counts them. The first line is a canary, which it
// keeps on its heap.
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"os"
	"runtime"

	"kstack.dev/go/kstack"
)

func main() {
	lines := bufio.NewReader(os.Stdin)
	canary, err := lines.ReadBytes('\n')
	if err != nil {
		log.Fatal(err)
	}
	container, err := kstack.New(kstack.Options{})
	if err != nil {
		log.Fatal(err)
	}
	credentials, err := container.GetCredentials(context.Background(),
		kstack.Query{Service: "s3", Layer: kstack.Layer3, Environment: "dev"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("held", len(credentials.Names()))
	if _, err := lines.ReadBytes('\n'); err != nil {
		log.Fatal(err)
	}
	if err := credentials.Close(); err != nil {
		log.Fatal(err)
	}
	if err := container.Close(); err != nil {
		log.Fatal(err)
	}
	fmt.Println("closed")
	if _, err := lines.ReadBytes('\n'); err != nil {
		log.Fatal(err)
	}
	runtime.KeepAlive(canary)
}
