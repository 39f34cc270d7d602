package kstack_test

import (
	"errors"
	"fmt"
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"kstack.dev/go/kstack"
)

const servicesFile = `s3:
  access_key_id: AKIAEXAMPLE
  secret_access_key: made-up-canary-4711
half: {access_key_id: AKIAEXAMPLE}
providers:
  localstack: {access_key_id: test, secret_access_key: canary-4711}
`

const environmentFile = `environment: dev
deployment_targets:
  layer3: {provider: localstack}
`

const localstackFile = `name: localstack
provider_family: aws
provider_implementation: localstack
region: us-east-1
services:
  s3: {endpoint_url: "http://localstack.{{layer.namespace}}:4566", bucket: "{{environment}}-files"}
`

// newCloud makes a project with an environment, a provider and credentials for it, and a container.
func newCloud(t *testing.T) (*project, *kstack.Container) {
	t.Helper()
	p := newProject(t)
	p.write(t, "config/environments/dev.yaml", environmentFile)
	p.write(t, "config/providers/localstack.yaml", localstackFile)
	p.write(t, "vault/dev/layer3/cloud-credentials.yaml", servicesFile)
	return p, p.container(t)
}

func TestLoadSecrets(t *testing.T) {
	p, container := newCloud(t)
	_, err := container.LoadSecrets(ctx, "layer3", "")
	want(t, err, kstack.ErrServiceNotFound)
	p.write(t, "vault/dev/layer3/app.yaml", "api-key: own\npin: 0123\n")
	p.write(t, "vault/dev/layer1/db.yaml", "shared_with: [layer3]\nDB_URL: a=b\n")
	secrets := must[*kstack.Credentials](t)(container.LoadSecrets(ctx, "layer3", "dev"))
	defer secrets.Close()
	if names := secrets.Names(); !reflect.DeepEqual(names, []string{"api-key", "pin", "DB_URL"}) {
		t.Error(names)
	}
	values := must[map[string]string](t)(secrets.Map())
	if !reflect.DeepEqual(values, map[string]string{"api-key": "own", "pin": "0123", "DB_URL": "a=b"}) {
		t.Error(values)
	}
	environ := must[[]string](t)(secrets.Environ())
	if !reflect.DeepEqual(environ, []string{"API_KEY=own", "PIN=0123", "DB_URL=a=b"}) {
		t.Error(environ)
	}
	show := exec.Command("sh", "-c", "echo $API_KEY $DB_URL")
	show.Env = append(environ, "API_KEY=set already")
	output, err := show.Output()
	if err != nil || string(output) != "set already a=b\n" {
		t.Errorf("%v %q", err, output)
	}
	secrets.Close()
	_, err = secrets.Environ()
	want(t, err, kstack.ErrClosed)
}

func TestContradictingSecrets(t *testing.T) {
	p, container := newCloud(t)
	p.write(t, "vault/dev/layer1/a.yaml", "shared_with: [layer3]\nkey: canary-4711\n")
	p.write(t, "vault/dev/layer2/b.yaml", "shared_with: [layer3]\nkey: canary-4711\n")
	_, err := container.LoadSecrets(ctx, "layer3", "")
	want(t, err, kstack.ErrConfiguration, "layer1/a.yaml, line 2", "layer2/b.yaml, line 2")
	if strings.Contains(err.Error(), "canary") {
		t.Error(err)
	}
}

func TestEnvironRefuses(t *testing.T) {
	p, container := newCloud(t)
	for content, message := range map[string]string{
		"a-b: canary-4711\nA_B: canary-4711\n": `are both for the variable A_B`,
		"a=b: canary-4711\n":                   `'a=b' (name 1)`,
		"'': canary-4711\n":                    `'' (name 1)`,
		"straße: canary-4711\n":                `'straße' (name 1)`,
		"good: 1\n0a: canary-4711\n":           `'0a' (name 2)`,
		`"a\n": canary-4711`:                   `is not a valid variable name`,
		"ld-preload: canary-4711\n":            `secret 'ld-preload' in`,
		"Path: canary-4711\n":                  `setting PATH could make programs run other code`,
		"PYTHONSTARTUP: canary-4711\n":         `setting PYTHONSTARTUP could`,
		`bad: "canary-4711\0"`:                 `holds a NUL`,
	} {
		p.write(t, "vault/dev/layer3/app.yaml", content)
		secrets := must[*kstack.Credentials](t)(container.LoadSecrets(ctx, "layer3", ""))
		_, err := secrets.Environ()
		want(t, err, kstack.ErrConfiguration, message)
		want(t, err, kstack.ErrConfiguration, "layer3/app.yaml")
		if strings.Contains(err.Error(), "canary") {
			t.Error(err)
		}
		secrets.Close()
	}
}

func TestResolveService(t *testing.T) {
	p, container := newCloud(t)
	service := must[*kstack.Credentials](t)(container.ResolveService(ctx, kstack.Query{Service: "s3", Layer: "layer3"}))
	defer service.Close()
	values := must[map[string]string](t)(service.Map())
	if !reflect.DeepEqual(values, map[string]string{
		"provider": "localstack", "family": "aws", "implementation": "localstack", "region": "us-east-1",
		"endpoint_url": "http://localstack.layer-3-global-infra:4566", "verify_ssl": "true", "bucket": "dev-files",
		"access_key_id": "test", "secret_access_key": "canary-4711",
	}) {
		t.Error(values)
	}
	if shown := fmt.Sprintf("%v %+v %#v", service, service, service); strings.Contains(shown, "canary") {
		t.Error(shown)
	}
	for given, wanted := range map[kstack.Query]error{
		{Service: "s3", Layer: "layer0", Environment: "", Provider: ""}:         kstack.ErrLayerAccess,
		{Service: "sqs", Layer: "layer3", Environment: "", Provider: ""}:        kstack.ErrServiceNotFound,
		{Service: "s3", Layer: "layer3", Environment: "prod", Provider: ""}:     kstack.ErrConfiguration,
		{Service: "s3", Layer: "layer3", Environment: "dev", Provider: "other"}: kstack.ErrConfiguration,
		{Service: "s3", Layer: "layer3", Environment: "dev", Provider: "../x"}:  kstack.ErrInvalidArgument,
		{Service: "s3", Layer: "layer3", Environment: "dev", Provider: "a\x00"}: kstack.ErrInvalidArgument,
		{Service: "", Layer: "layer3", Environment: "dev", Provider: ""}:        kstack.ErrInvalidArgument,
	} {
		_, err := container.ResolveService(ctx, given)
		want(t, err, wanted)
	}
	p.write(t, "config/providers/localstack.yaml", strings.Replace(localstackFile, "us-east-1", "[a]", 1))
	_, err := container.ResolveService(ctx, kstack.Query{Service: "s3", Layer: "layer3", Environment: "dev", Provider: "localstack"})
	want(t, err, kstack.ErrConfiguration, "line 4: region is a list")
}

func TestActiveRoute(t *testing.T) {
	p, container := newCloud(t)
	check := func(wanted string) {
		t.Helper()
		if route := must[string](t)(container.ActiveRoute(ctx, "layer3")); route != wanted {
			t.Errorf("got %q, want %q", route, wanted)
		}
	}
	check("development")
	p.write(t, ".kstack.yaml", "environment: dev\nroute: prod\n")
	check("production")
	t.Setenv("KSTACK_ROUTE", "test")
	check("testing")
	t.Setenv("KSTACK_ROUTE", "nowhere")
	_, err := container.ActiveRoute(ctx, "layer3")
	want(t, err, kstack.ErrRoute)
	_, err = container.ActiveRoute(ctx, "layer9")
	want(t, err, kstack.ErrInvalidArgument)
}

func TestAWSKeys(t *testing.T) {
	_, container := newCloud(t)
	credentials := must[*kstack.Credentials](t)(container.GetCredentials(ctx, query("s3", "layer3", "")))
	keys := must[*kstack.Credentials](t)(credentials.AWSKeys())
	defer keys.Close()
	credentials.Close()
	values := must[map[string]string](t)(keys.Map())
	if !reflect.DeepEqual(values, map[string]string{"AccessKeyId": "AKIAEXAMPLE", "SecretAccessKey": "made-up-canary-4711"}) {
		t.Error(values)
	}
	_, err := credentials.AWSKeys()
	want(t, err, kstack.ErrClosed)
	half := must[*kstack.Credentials](t)(container.GetCredentials(ctx, query("half", "layer3", "")))
	defer half.Close()
	_, err = half.AWSKeys()
	want(t, err, kstack.ErrConfiguration)
	// A resolved service has them, too.
	service := must[*kstack.Credentials](t)(container.ResolveService(ctx, kstack.Query{Service: "s3", Layer: "layer3"}))
	defer service.Close()
	resolved := must[*kstack.Credentials](t)(service.AWSKeys())
	defer resolved.Close()
	if key := must[string](t)(resolved.Get("AccessKeyId")); key != "test" {
		t.Error(key)
	}
}

func TestAWSCredentialProcess(t *testing.T) {
	_, container := newCloud(t)
	json := must[[]byte](t)(container.AWSCredentialProcess(ctx, query("s3", "layer3", "")))
	if string(json) != `{"Version":1,"AccessKeyId":"AKIAEXAMPLE","SecretAccessKey":"made-up-canary-4711"}` {
		t.Errorf("%s", json)
	}
	_, err := container.AWSCredentialProcess(ctx, query("half", "layer3", "dev"))
	want(t, err, kstack.ErrConfiguration)
	_, err = container.AWSCredentialProcess(ctx, query("none", "layer3", "dev"))
	want(t, err, kstack.ErrServiceNotFound)
	_, err = container.AWSCredentialProcess(ctx, query("s3", "layer3", "a\x00b"))
	want(t, err, kstack.ErrInvalidArgument)
	container.Close()
	for _, call := range []func() error{
		func() error { _, err := container.AWSCredentialProcess(ctx, query("s3", "layer3", "")); return err },
		func() error { _, err := container.LoadSecrets(ctx, "layer3", ""); return err },
		func() error {
			_, err := container.ResolveService(ctx, kstack.Query{Service: "s3", Layer: "layer3"})
			return err
		},
		func() error { _, err := container.ActiveRoute(ctx, "layer3"); return err },
	} {
		if err := call(); !errors.Is(err, kstack.ErrClosed) {
			t.Error(err)
		}
	}
}
