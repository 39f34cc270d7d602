public import Sodium

/// The AWS keys among credentials, and the answer that AWS SDKs take from a program (`credential_process`).
public enum AWSKeys {
    /// A field of the answer, and the names that a credential for it may have.
    private struct Field {
        /// Its name in the SDKs.
        let name: String

        /// The spellings, without `aws`, in lower case, and without separators.
        let spellings: [String]

        /// The spellings for a message.
        let shown: String
    }

    private static let accessKey = Field(
        name: "AccessKeyId",
        spellings: ["accesskeyid", "accesskey"],
        shown: "access_key_id, access_key"
    )
    private static let secretKey = Field(
        name: "SecretAccessKey",
        spellings: ["secretaccesskey", "secretkey"],
        shown: "secret_access_key, secret_key"
    )
    private static let optional = [
        Field(name: "SessionToken", spellings: ["sessiontoken"], shown: "session_token"),
        Field(name: "Expiration", spellings: ["expiration"], shown: "expiration"),
    ]

    /// The AWS keys among credentials, under the names of the SDKs: the two keys, and session token and expiration
    /// where they are not empty.
    ///
    /// Names of credentials count in upper and lower case, with `_`, `-` or nothing between words, with and without
    /// `aws` in front.
    ///
    /// - Throws: `configuration` where a key is missing, invalid, or there twice with different values.
    public static func keys(of credentials: Credentials) throws(KStackError) -> Credentials {
        var found: [(String, Range<Int>)] = []
        for field in [accessKey, secretKey] {
            guard let place = try value(of: field, in: credentials) else {
                throw KStackError(
                    .configuration,
                    "\(credentials.sourceText) has no \(field.name) for AWS: name it one of \(field.shown), in upper or "
                        + "lower case, with or without aws_ in front"
                )
            }
            found.append((field.name, place))
        }
        for field in optional {
            guard let place = try value(of: field, in: credentials) else { continue }
            guard field.name != "Expiration" || credentials.arena.isTimestamp(place) else {
                throw KStackError(
                    .configuration,
                    "\(credentials.sourceText) has an expiration for AWS that is not a time: write it with date, time and "
                        + "zone, such as 2030-01-31T12:00:00Z"
                )
            }
            found.append((field.name, place))
        }
        return try credentials.selecting(found)
    }

    /// The JSON of `credential_process`: `Version` 1 and the keys.
    ///
    /// - Throws: as `keys(of:)`.
    public static func json(of credentials: Credentials) throws(KStackError) -> SecretBytes {
        let keys = try keys(of: credentials)
        guard let json = keys.json else {
            throw KStackError(.configuration, "\(credentials.sourceText) has keys for AWS that are not UTF-8")
        }
        return try numbered(keys.arena, json)
    }

    /// The one value of a field that is not empty; nil where there is none.
    private static func value(of field: Field, in credentials: Credentials) throws(KStackError) -> Range<Int>? {
        var found: Range<Int>?
        for position in 0..<credentials.count {
            guard let name = credentials.name(at: position), let value = credentials.value(at: position),
                !value.isEmpty, field.spellings.contains(credentials.plainWord(at: name))
            else { continue }
            guard credentials.arena.isOneWord(value) else {
                throw KStackError(
                    .configuration,
                    "\(credentials.sourceText) has a \(field.name) for AWS with white space, a line break or another character in "
                        + "it that no such key has; remove it"
                )
            }
            guard let earlier = found else {
                found = value
                continue
            }
            guard credentials.arena.constantTimeEquals(earlier, credentials.arena, value) else {
                throw KStackError(
                    .configuration,
                    "\(credentials.sourceText) has more than one \(field.name) for AWS (\(field.shown)), and they differ; "
                        + "keep one"
                )
            }
        }
        return found
    }

    /// Puts the version, which is a number, before the other fields of an object.
    private static func numbered(_ arena: borrowing SecretBytes, _ fields: Range<Int>) throws(KStackError)
        -> SecretBytes
    {
        let text = arena.span.extracting(fields)
        return try mapError(KStackError.memory) { () throws(SodiumError) in
            var json = try SecretBytes(minimumCapacity: text.count + 16)
            try json.append(utf8: #"{"Version":1,"#)
            try json.append(text.extracting(droppingFirst: 1))
            return json
        }
    }
}

extension Credentials {
    /// A name of at most 32 letters in lower case, without separators; empty for any other.
    fileprivate func plainWord(at place: Range<Int>) -> String {
        arena.plainWord(at: place)
    }
}

extension SecretBytes {
    fileprivate borrowing func plainWord(at place: Range<Int>) -> String {
        let bytes = span
        guard place.count <= 32, place.upperBound <= bytes.count else { return "" }
        var word: [UInt8] = []
        for index in place {
            if bytes[index] == UInt8(ascii: "_") || bytes[index] == UInt8(ascii: "-") { continue }
            word.append(bytes[index].asciiLowerCased)
        }
        let text = String(decoding: word, as: UTF8.self)
        return text.hasPrefix("aws") ? String(text.dropFirst(3)) : text
    }

    /// Whether a value can be in an HTTP header, as all fields must.
    fileprivate borrowing func isOneWord(_ place: Range<Int>) -> Bool {
        let bytes = span
        guard place.upperBound <= bytes.count else { return false }
        for index in place where !(0x21...0x7E).contains(bytes[index]) { return false }
        return true
    }

    /// Whether a value is a time of RFC 3339, which the AWS SDKs accept: a date that exists, a time, and a zone.
    fileprivate borrowing func isTimestamp(_ place: Range<Int>) -> Bool {
        let bytes = span
        guard place.upperBound <= bytes.count, place.count <= 40 else { return false }
        var text = place.map { bytes[$0] }[...]
        func number(_ digits: Int, _ range: ClosedRange<Int>) -> Int? {
            guard text.count >= digits else { return nil }
            var value = 0
            for _ in 0..<digits {
                guard let byte = text.popFirst(), byte.isASCIIDigit else { return nil }
                value = value * 10 + Int(byte - 0x30)
            }
            return range.contains(value) ? value : nil
        }
        func take(_ characters: StaticString) -> Bool {
            guard let byte = text.first, "\(characters)".utf8.contains(byte) else { return false }
            text.removeFirst()
            return true
        }
        guard let year = number(4, 1...9999), take("-"), let month = number(2, 1...12), take("-"),
            let day = number(2, 1...31), take("T"), number(2, 0...23) != nil, take(":"), number(2, 0...59) != nil,
            take(":"), number(2, 0...59) != nil
        else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard day <= days[month - 1] else { return false }
        if take(".") {
            guard number(1, 0...9) != nil else { return false }
            while let byte = text.first, byte.isASCIIDigit { text.removeFirst() }
        }
        if take("Z") { return text.isEmpty }
        return take("+-") && number(2, 0...23) != nil && take(":") && number(2, 0...59) != nil && text.isEmpty
    }
}
