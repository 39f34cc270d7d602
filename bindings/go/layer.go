package kstack

// #include "kstack_go.h"
import "C"

// Layer is the number of a layer, 0 to 3.
type Layer int32

// The layers.
const (
	Layer0 Layer = iota
	Layer1
	Layer2
	Layer3
)

// ParseLayer reads "layer0" to "layer3", "0" to "3" or the name of a namespace, in upper or lower case. It gives
// ErrInvalidArgument for anything else.
func ParseLayer(name string) (Layer, error) {
	given, err := text(name, "the name of a layer")
	if err != nil {
		return -1, err
	}
	defer freeText(given)
	var layer C.kstack_layer
	var failure *C.kstack_error
	if status := C.kstack_layer_parse(given, &layer, &failure); status != C.KSTACK_OK {
		return -1, errorFrom(status, failure)
	}
	return Layer(layer), nil
}

// Number gives the number of the layer, 0 to 3; -1 for a value that is no layer.
func (l Layer) Number() int {
	return int(C.kstack_layer_number(C.kstack_layer(l)))
}

// String gives the name of the layer, such as "layer3"; "" for a value that is no layer.
func (l Layer) String() string {
	return C.GoString(C.kstack_layer_name(C.kstack_layer(l)))
}

// Namespace gives the fixed name of the layer's namespace, such as "layer-3-global-infra"; "" for no layer.
func (l Layer) Namespace() string {
	return C.GoString(C.kstack_layer_namespace(C.kstack_layer(l)))
}

// DisplayName gives what to call the layer, such as "Layer 3: Global Infrastructure"; "" for no layer.
func (l Layer) DisplayName() string {
	return C.GoString(C.kstack_layer_display_name(C.kstack_layer(l)))
}
