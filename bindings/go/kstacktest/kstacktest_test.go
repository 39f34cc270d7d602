package kstacktest_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"kstack.dev/go/kstack"
	"kstack.dev/go/kstack/kstacktest"
)

var ctx = context.Background()

// bucket is a function of a program.
func bucket(ctx context.Context, source kstack.Source) (string, error) {
	credentials, err := source.GetCredentials(ctx, kstack.Query{Service: "s3", Layer: kstack.Layer3})
	if err != nil {
		return "", err
	}
	defer credentials.Close()
	return credentials.Get("bucket")
}

func TestAProgramThatTakesASource(t *testing.T) {
	source := kstacktest.New(t)
	_, err := bucket(ctx, source)
	if !errors.Is(err, kstack.ErrServiceNotFound) || !strings.Contains(err.Error(), "it has: nothing") {
		t.Error(err)
	}
	values := map[string]string{"bucket": "first"}
	source.Set(kstack.Query{Service: "s3", Layer: "3"}, values)
	values["bucket"] = "changed"
	if got, err := bucket(ctx, source); err != nil || got != "first" {
		t.Error(got, err)
	}
	source.SetError(kstack.Query{Service: "s3", Layer: kstack.Layer3}, kstack.NewError(kstack.ErrClusterAPI, "down"))
	if _, err := bucket(ctx, source); !errors.Is(err, kstack.ErrClusterAPI) || err.Error() != "kstack: down" {
		t.Error(err)
	}
	asked := kstack.Query{Service: "s3", Layer: kstack.Layer3}
	if queries := source.Queries(); !reflect.DeepEqual(queries, []kstack.Query{asked, asked, asked}) {
		t.Error(queries)
	}
}

func TestEnvironments(t *testing.T) {
	source := kstacktest.New(t)
	query := kstack.Query{Service: "s3", Layer: kstack.Layer3}
	source.Set(query, map[string]string{"region": "any"})
	query.Environment = "dev"
	source.Set(query, map[string]string{"region": "of dev"})
	for environment, region := range map[string]string{"": "any", "dev": "of dev", "production": "any"} {
		query.Environment = environment
		service, err := source.ResolveService(ctx, query)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := service.Lookup("region"); !ok || got != region {
			t.Errorf("%s: %q", environment, got)
		}
		service.Close()
	}
}

func TestSecretsAreCheckedAsInProduction(t *testing.T) {
	source := kstacktest.New(t)
	source.SetSecrets(kstack.Layer3, "", map[string]string{"api-key": "one"})
	secrets, err := source.LoadSecrets(ctx, kstack.Layer3, "")
	if err != nil {
		t.Fatal(err)
	}
	defer secrets.Close()
	if environ, err := secrets.Environ(); err != nil || !reflect.DeepEqual(environ, []string{"API_KEY=one"}) {
		t.Error(environ, err)
	}
	source.SetSecrets(kstack.Layer3, "", map[string]string{"ld-preload": "canary"})
	secrets, err = source.LoadSecrets(ctx, kstack.Layer3, "")
	if err != nil {
		t.Fatal(err)
	}
	defer secrets.Close()
	if _, err := secrets.Environ(); !errors.Is(err, kstack.ErrConfiguration) {
		t.Error(err)
	}
	if _, err := source.GetCredentials(ctx, kstack.Query{Service: "NO", Layer: "9"}); !errors.Is(err, kstack.ErrInvalidArgument) {
		t.Error(err)
	}
}
