// Command bench_lookup measures a look-up through the Go binding:
//
//	bench_lookup PROJECT IDENTITY_FILE SERVICE LAYER ROUNDS ITERATIONS
//
// It prints the median over the rounds of the microseconds that one look-up took.
package main

import (
	"context"
	"fmt"
	"os"
	"sort"
	"strconv"
	"time"

	"kstack.dev/go/kstack"
)

func require(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench_lookup:", err)
		os.Exit(1)
	}
}

func main() {
	if len(os.Args) != 7 {
		require(fmt.Errorf("six arguments are needed"))
	}
	rounds, err := strconv.Atoi(os.Args[5])
	require(err)
	iterations, err := strconv.Atoi(os.Args[6])
	require(err)
	container, err := kstack.New(kstack.Options{ProjectRoot: os.Args[1], IdentityFile: os.Args[2]})
	require(err)
	defer container.Close()
	query := kstack.Query{Service: os.Args[3], Layer: kstack.Layer(os.Args[4])}
	times := make([]float64, rounds)
	// The first round warms up.
	for round := -1; round < rounds; round++ {
		start := time.Now()
		for iteration := 0; iteration < iterations; iteration++ {
			credentials, err := container.GetCredentials(context.Background(), query)
			require(err)
			_, err = credentials.Get("key")
			require(err)
			require(credentials.Close())
		}
		if round >= 0 {
			times[round] = float64(time.Since(start).Nanoseconds()) / 1e3 / float64(iterations)
		}
	}
	sort.Float64s(times)
	fmt.Printf("lookup %.3f\n", times[rounds/2])
}
