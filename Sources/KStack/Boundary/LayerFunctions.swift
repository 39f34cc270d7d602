// The functions are documented in the C header, which also gives their names.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CKStack
import KStackAny

@_cdecl("kstack_layer_parse") @implementation
public func kstack_layer_parse(
    _ text: UnsafePointer<CChar>?,
    _ out: UnsafeMutablePointer<kstack_layer>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe out?.pointee = -1
    return unsafe Call.run(error) { () throws(KStackError) in
        let layer = try Layer(parsing: unsafe Argument.string(text, "text"))
        let out = unsafe try Argument.output(out)
        unsafe out.pointee = kstack_layer(layer.number)
    }
}

@_cdecl("kstack_layer_number") @implementation
public func kstack_layer_number(_ layer: kstack_layer) -> Int32 {
    Layer(rawValue: Int(layer)).map { Int32($0.number) } ?? -1
}

@_cdecl("kstack_layer_name") @implementation
public func kstack_layer_name(_ layer: kstack_layer) -> UnsafePointer<CChar>? {
    unsafe string(of: layer, in: StaticCString.layerNames)
}

@_cdecl("kstack_layer_namespace") @implementation
public func kstack_layer_namespace(_ layer: kstack_layer) -> UnsafePointer<CChar>? {
    unsafe string(of: layer, in: StaticCString.layerNamespaces)
}

@_cdecl("kstack_layer_display_name") @implementation
public func kstack_layer_display_name(_ layer: kstack_layer) -> UnsafePointer<CChar>? {
    unsafe string(of: layer, in: StaticCString.layerDisplayNames)
}

private func string(of layer: kstack_layer, in strings: [StaticCString]) -> UnsafePointer<CChar>? {
    let index = Int(layer)
    return unsafe strings.indices.contains(index) ? strings[index].address : nil
}
