//go:build !cgo || !linux

package ffi

// HeaderVersion is empty: no header was compiled.
const HeaderVersion = ""

// problem is the error of every function that can fail.
var problem = &Failure{Status: statusConfiguration,
	Message: "this program was built without libkstack; build it on Linux with CGO_ENABLED=1 and a C compiler"}

// Container cannot be made.
type Container struct{}

// Vault cannot be opened.
type Vault struct{}

// Credentials cannot be made.
type Credentials struct{}

// Cancellation cannot be made.
type Cancellation struct{}

// Reply is never given.
type Reply uintptr

// Problem is why no library is loaded.
func Problem() *Failure { return problem }

// The functions are documented in the files with cgo.

func Version() string                                  { return "" }
func CheckLibrary() error                              { return problem }
func IsInCluster() bool                                { return false }
func CurrentContext() int32                            { return -1 }
func ContextReason() string                            { return problem.Message }
func Guard(int32) error                                { return problem }
func ParseLayer(string) (int32, error)                 { return -1, problem }
func LayerName(int32) string                           { return "" }
func LayerNamespace(int32) string                      { return "" }
func LayerDisplayName(int32) string                    { return "" }
func GenerateIdentity() (string, string, error)        { return "", "", problem }
func NewContainer(Options) (*Container, error)         { return nil, problem }
func (Reply) Set(string, string) error                 { return problem }
func (Reply) SetError(int32, string) error             { return problem }
func (*Container) Free()                               {}
func (*Container) Environment() (string, error)        { return "", problem }
func (*Container) ConfigRoot() (string, error)         { return "", problem }
func (*Container) VaultRoot() (string, error)          { return "", problem }
func (*Container) ActiveRoute(string) (string, error)  { return "", problem }
func (*Container) SetActiveRoute(string, string) error { return problem }
func (*Container) ListEnvironments() ([]string, error) { return nil, problem }
func (*Container) OpenVault(string) (*Vault, error)    { return nil, problem }
func (*Vault) Free()                                   {}
func (*Vault) Path() string                            { return "" }
func (*Vault) Environment() string                     { return "" }
func (*Vault) IsEncrypted() (bool, error)              { return false, problem }
func (*Vault) Read(string, string) ([]byte, error)     { return nil, problem }
func (*Vault) GetFile(string, string) (string, error)  { return "", problem }
func (*Vault) List(string, int32) ([]string, error)    { return nil, problem }
func (*Credentials) Free()                             {}
func (*Credentials) Names() []string                   { return nil }
func (*Credentials) Value(int) []byte                  { return nil }
func (*Credentials) JSON() (string, bool)              { return "", false }
func (*Credentials) Source() string                    { return "" }
func (*Credentials) AWSKeys() (*Credentials, error)    { return nil, problem }
func (*Credentials) Environ() ([]string, error)        { return nil, problem }

func NewCancellation() (Cancellation, error)                      { return Cancellation{}, problem }
func (Cancellation) Cancel()                                      {}
func (Cancellation) Free()                                        {}
func (*Container) Scope(uint32, Cancellation) (*Container, error) { return nil, problem }
func (*Vault) Scope(uint32, Cancellation) (*Vault, error)         { return nil, problem }
func Carry(_ any, call func())                                    { call() }

func StatusName(status int32) string {
	if status == statusConfiguration {
		return "KSTACK_ERROR_CONFIGURATION"
	}
	return "KSTACK_ERROR_UNKNOWN"
}
func (*Container) SetSecretsProvider(Provider, bool) error          { return problem }
func (*Container) ConfigMap(string, string, string) (string, error) { return "", problem }
func (*Container) ListServices(string, string) ([]string, error)    { return nil, problem }
func (*Container) LoadSecrets(string, string) (*Credentials, error) { return nil, problem }
func (*Vault) Write(string, string, []byte, string) error           { return problem }
func (*Vault) Decrypt(RunOptions) ([]FileReport, error)             { return nil, problem }
func (*Vault) Encrypt(RunOptions) ([]FileReport, error)             { return nil, problem }
func (*Vault) Rekey(RunOptions) ([]FileReport, error)               { return nil, problem }
func (*Vault) Status(RunOptions) ([]FileReport, error)              { return nil, problem }
func (*Container) GetCredentials(string, string, string) (*Credentials, error) {
	return nil, problem
}
func (*Container) ResolveService(string, string, string, string) (*Credentials, error) {
	return nil, problem
}
func (*Container) AWSCredentialProcess(string, string, string) ([]byte, error) {
	return nil, problem
}

// GeneratePostQuantumIdentity is like GenerateIdentity.
func GeneratePostQuantumIdentity() (string, string, error) { return "", "", problem }
