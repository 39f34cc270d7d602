// The functions are documented in the C header, which also gives their names.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CKStack
import Documents
import KStackAny
import KStackCluster

@_cdecl("kstack_configmap_get") @implementation
public func kstack_configmap_get(
    _ container: OpaquePointer?,
    _ layer: UnsafePointer<CChar>?,
    _ name: UnsafePointer<CChar>?,
    _ key: UnsafePointer<CChar>?,
    _ out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe out?.pointee = nil
    return unsafe Call.run(error) { () throws(KStackError) in
        let container: Container = unsafe try Argument.handle(container, "container")
        let layer = unsafe try Argument.layer(layer)
        let name = try ConfigMapName(unsafe Argument.string(name, "name"))
        let key = try ConfigMapKey(unsafe Argument.string(key, "key"))
        let out = unsafe try Argument.output(out)
        let value = try container.cluster.configMaps.value(of: key, in: name, layer: layer)
        unsafe try out.give(value.textSpan)
    }
}

@_cdecl("kstack_set_active_route") @implementation
public func kstack_set_active_route(
    _ container: OpaquePointer?,
    _ layer: UnsafePointer<CChar>?,
    _ route: UnsafePointer<CChar>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe Call.run(error) { () throws(KStackError) in
        let container: Container = unsafe try Argument.handle(container, "container")
        let layer = unsafe try Argument.layer(layer)
        let route = try Route(parsing: unsafe Argument.string(route, "route"))
        try container.cluster.configuration.setActiveRoute(route, of: layer)
    }
}
