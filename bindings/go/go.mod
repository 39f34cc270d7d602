module kstack.dev/go/kstack

go 1.19
