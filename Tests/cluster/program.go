// Calls everything that a Go program may call in a pod.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"sync"

	"kstack.dev/go/kstack"
)

func main() {
	ctx := context.Background()
	container, err := kstack.New(kstack.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer container.Close()
	environment, err := container.Environment(ctx)
	fmt.Println("environment", environment, err)
	value, err := container.ConfigMap(ctx, "layer3", "settings", "key")
	fmt.Println("config map", value, err)
	_, err = container.ConfigMap(ctx, "layer3", "settings", "other")
	fmt.Println("no key", errors.Is(err, kstack.ErrServiceNotFound))
	_, err = container.ConfigMap(ctx, "layer3", "nobodys", "key")
	var failure *kstack.Error
	fmt.Println("forbidden", errors.Is(err, kstack.ErrClusterAPI), errors.As(err, &failure) && !failure.Retryable)
	fmt.Println("route", container.SetActiveRoute(ctx, "layer3", "staging"))
	fmt.Println("no route", errors.Is(container.SetActiveRoute(ctx, "layer3", "nowhere"), kstack.ErrRoute))
	_, err = container.ConfigMap(ctx, "layer3", "a\x00b", "key")
	fmt.Println("NUL", errors.Is(err, kstack.ErrInvalidArgument))
	_, err = container.OpenVault(ctx, "")
	fmt.Println("vault", errors.Is(err, kstack.ErrEnvironment))

	var group sync.WaitGroup
	for i := 0; i < 8; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for j := 0; j < 10; j++ {
				credentials, err := container.GetCredentials(ctx, kstack.Query{Service: "s3", Layer: kstack.Layer3})
				if err != nil {
					log.Fatal(err)
				}
				if len(credentials.Names()) != 2 {
					log.Fatal(credentials.Names())
				}
				credentials.Close()
			}
		}()
	}
	group.Wait()

	container.Close()
	_, err = container.ConfigMap(ctx, "layer3", "settings", "key")
	fmt.Println("closed", errors.Is(err, kstack.ErrClosed))
	fmt.Println("closed", errors.Is(container.SetActiveRoute(ctx, "layer3", "staging"), kstack.ErrClosed))
}
