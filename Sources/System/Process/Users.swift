import Glibc

/// Users and groups in the system's databases.
public enum Users {
    /// The longest entry that is read in bytes; a group with more members is not private.
    private static let limit = 32 << 10

    /// Whether a group is the private one of a user: the user's primary group, of the user's name, without other
    /// members.
    ///
    /// Debian's and Ubuntu's `adduser` makes such groups, and Debian's OpenSSH trusts them. An unknown group or user is
    /// not private.
    public static func isPrivate(group: UInt32, of user: UInt32) -> Bool {
        guard let owner = account(user), owner.group == group, let found = self.group(group), found.name == owner.name
        else { return false }
        return found.members.allSatisfy { $0 == owner.name }
    }

    private static func account(_ user: UInt32) -> (name: String, group: UInt32)? {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: limit) { buffer in
            guard let start = buffer.baseAddress else { return nil }
            var entry = unsafe passwd()
            var found: UnsafeMutablePointer<passwd>?
            guard unsafe getpwuid_r(user, &entry, start, buffer.count, &found) == 0, unsafe found != nil,
                let name = unsafe entry.pw_name
            else { return nil }
            return (unsafe String(cString: name), unsafe entry.pw_gid)
        }
    }

    private static func group(_ group: UInt32) -> (name: String, members: [String])? {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: limit) { buffer in
            guard let start = buffer.baseAddress else { return nil }
            var entry = unsafe Glibc.group()
            var found: UnsafeMutablePointer<Glibc.group>?
            guard unsafe getgrgid_r(group, &entry, start, buffer.count, &found) == 0, unsafe found != nil,
                let name = unsafe entry.gr_name
            else { return nil }
            var members: [String] = []
            if var next = unsafe entry.gr_mem {
                while let member = unsafe next.pointee {
                    unsafe members.append(String(cString: member))
                    unsafe next += 1
                }
            }
            return (unsafe String(cString: name), members)
        }
    }
}
