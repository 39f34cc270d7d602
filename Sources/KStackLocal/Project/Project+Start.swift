public import KStackAny

/// The entries of `.kstack.yaml`, for `kstack init`, which makes what they name.
extension Project {
    /// `environment` of `.kstack.yaml`; nil where it names none.
    public func namedEnvironment() throws(KStackError) -> Name? { try file()?.environment }

    /// `team` of `.kstack.yaml`; nil where it names none.
    public func namedTeam() throws(KStackError) -> Name? { try file()?.team }

    /// `vault` of `.kstack.yaml` as an absolute path, whether it is there or not; nil where it names none.
    public func namedVault() throws(KStackError) -> String? { try file()?.vault }
}
