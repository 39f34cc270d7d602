package kstack

import "kstack.dev/go/kstack/internal/ffi"

// Layer is the name of a layer, such as Layer3. Functions that take a Layer also take its other forms, as ParseLayer
// does: "3", "LAYER3" or "layer-3-global-infra". The zero value is not a layer.
type Layer string

// The layers.
const (
	Layer0 Layer = "layer0"
	Layer1 Layer = "layer1"
	Layer2 Layer = "layer2"
	Layer3 Layer = "layer3"
)

// ParseLayer reads "layer0" to "layer3", "0" to "3" or the name of a namespace, in upper or lower case. It returns
// ErrInvalidArgument for anything else.
func ParseLayer(name string) (Layer, error) {
	number, err := ffi.ParseLayer(name)
	if err != nil {
		return "", errorFrom(err)
	}
	return Layer(ffi.LayerName(number)), nil
}

// number returns the number of the layer; -1 for an invalid one.
func (l Layer) number() int32 {
	number, err := ffi.ParseLayer(string(l))
	if err != nil {
		return -1
	}
	return number
}

// Number returns the number of the layer, 0 to 3; -1 for an invalid layer.
func (l Layer) Number() int { return int(l.number()) }

// String returns the layer as it was written.
func (l Layer) String() string { return string(l) }

// Namespace returns the fixed name of the layer's namespace, such as "layer-3-global-infra"; "" for an invalid layer.
func (l Layer) Namespace() string { return ffi.LayerNamespace(l.number()) }

// DisplayName returns the name for people, such as "Layer 3: Global Infrastructure"; "" for an invalid layer.
func (l Layer) DisplayName() string { return ffi.LayerDisplayName(l.number()) }
