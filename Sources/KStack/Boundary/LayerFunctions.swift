// The names are those of the C header.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CKStack
import KStackAny

/// Reads the name of a layer.
@_cdecl("kstack_layer_parse") @implementation
public func kstack_layer_parse(
    _ text: UnsafePointer<CChar>?,
    _ out: UnsafeMutablePointer<kstack_layer>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe out?.pointee = -1
    return unsafe Call.run(.layerParse, error) { () throws(KStackError) in
        let out = unsafe try Argument.output(out)
        let layer = try Layer(parsing: unsafe Argument.text(text, "text"))
        unsafe out.pointee = kstack_layer(layer.number)
    }
}

/// The number of a layer.
@_cdecl("kstack_layer_number") @implementation
public func kstack_layer_number(_ layer: kstack_layer) -> Int32 {
    Layer(rawValue: Int(layer)).map { Int32($0.number) } ?? -1
}

/// The name of a layer.
@_cdecl("kstack_layer_name") @implementation
public func kstack_layer_name(_ layer: kstack_layer) -> UnsafePointer<CChar>? {
    unsafe text(of: layer, in: StaticText.layerNames)
}

/// The namespace of a layer.
@_cdecl("kstack_layer_namespace") @implementation
public func kstack_layer_namespace(_ layer: kstack_layer) -> UnsafePointer<CChar>? {
    unsafe text(of: layer, in: StaticText.layerNamespaces)
}

/// What to call a layer.
@_cdecl("kstack_layer_display_name") @implementation
public func kstack_layer_display_name(_ layer: kstack_layer) -> UnsafePointer<CChar>? {
    unsafe text(of: layer, in: StaticText.layerDisplayNames)
}

private func text(of layer: kstack_layer, in texts: [StaticText.Pointer]) -> UnsafePointer<CChar>? {
    let index = Int(layer)
    return unsafe texts.indices.contains(index) ? texts[index].address : nil
}
