//go:build !cgo || !linux

// Code generated from the files with cgo by `make generate`; DO NOT EDIT.

package ffi

func NewContainer(options Options) (*Container, error) {
	return nil, problem
}

func (*Container) Free() {}

func (*Container) Environment() (string, error) {
	return "", problem
}

func (*Container) ConfigRoot() (string, error) {
	return "", problem
}

func (*Container) VaultRoot() (string, error) {
	return "", problem
}

func (*Container) ActiveRoute(layer string) (string, error) {
	return "", problem
}

func (*Container) SetActiveRoute(layer, route string) error {
	return problem
}

func (*Container) ConfigMap(layer, name, key string) (string, error) {
	return "", problem
}

func (*Container) ListEnvironments() ([]string, error) {
	return nil, problem
}

func (*Container) ListServices(layer, environment string) ([]string, error) {
	return nil, problem
}

func (*Container) GetCredentials(service, layer, environment string) (*Credentials, error) {
	return nil, problem
}

func (*Container) LoadSecrets(layer, environment string) (*Credentials, error) {
	return nil, problem
}

func (*Container) ResolveService(service, layer, environment, provider string) (*Credentials, error) {
	return nil, problem
}

func (*Container) AWSCredentialProcess(service, layer, environment string) ([]byte, error) {
	return nil, problem
}

func (*Credentials) Names() []string {
	return nil
}

func (*Credentials) Value(index int) []byte {
	return nil
}

func (*Credentials) JSON() (string, bool) {
	return "", false
}

func (*Credentials) Source() string {
	return ""
}

func (*Credentials) AWSKeys() (*Credentials, error) {
	return nil, problem
}

func (*Credentials) Environ() ([]string, error) {
	return nil, problem
}

func (*Credentials) Free() {}

func Version() string {
	return ""
}

func CheckLibrary() error {
	return problem
}

func IsInCluster() bool {
	return false
}

func CurrentContext() int32 {
	return -1
}

func Guard(required int32) error {
	return problem
}

func ParseLayer(name string) (int32, error) {
	return -1, problem
}

func LayerName(layer int32) string {
	return ""
}

func LayerNamespace(layer int32) string {
	return ""
}

func LayerDisplayName(layer int32) string {
	return ""
}

func GenerateIdentity() (secret, recipient string, err error) {
	return "", "", problem
}

func GeneratePostQuantumIdentity() (secret, recipient string, err error) {
	return "", "", problem
}

func (*Container) SetSecretsProvider(provider Provider, loads bool) error {
	return problem
}

func (Reply) Set(name, value string) error {
	return problem
}

func (Reply) SetError(status int32, message string) error {
	return problem
}

func NewCancellation() (Cancellation, error) {
	return Cancellation{}, problem
}

func (Cancellation) Cancel() {}

func (Cancellation) Free() {}

func (*Container) Scope(milliseconds uint32, cancellation Cancellation) (*Container, error) {
	return nil, problem
}

func (*Vault) Scope(milliseconds uint32, cancellation Cancellation) (*Vault, error) {
	return nil, problem
}

func (*Container) OpenVault(environment string) (*Vault, error) {
	return nil, problem
}

func (*Vault) Free() {}

func (*Vault) Path() string {
	return ""
}

func (*Vault) Environment() string {
	return ""
}

func (*Vault) IsEncrypted() (bool, error) {
	return false, problem
}

func (*Vault) Read(layer, filename string) ([]byte, error) {
	return nil, problem
}

func (*Vault) Write(layer, filename string, data []byte, team string) error {
	return problem
}

func (*Vault) GetFile(layer, filename string) (string, error) {
	return "", problem
}

func (*Vault) List(layer string, which int32) ([]string, error) {
	return nil, problem
}

func (*Vault) Decrypt(options RunOptions) ([]FileReport, error) {
	return nil, problem
}

func (*Vault) Encrypt(options RunOptions) ([]FileReport, error) {
	return nil, problem
}

func (*Vault) Rekey(options RunOptions) ([]FileReport, error) {
	return nil, problem
}

func (*Vault) Status(options RunOptions) ([]FileReport, error) {
	return nil, problem
}
