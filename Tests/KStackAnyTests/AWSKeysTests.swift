import KStackAny
import Testing

/// The JSON that AWS's SDKs take from a program.
@Suite
struct AWSKeysTests {
    private func json(_ yaml: String) throws -> String {
        let json = try AWSKeys.json(of: credentials(yaml))
        return json.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    @Test
    func absentFieldsAreLeftOut() throws {
        let short = #"{"Version":1,"AccessKeyId":"AKIA","SecretAccessKey":"x\"y/+"}"#
        #expect(try json("secret_access_key: 'x\"y/+'\naccess_key_id: AKIA\nother: {a: b}\n") == short)
        #expect(
            try json("access_key_id: AKIA\nsecret_access_key: 'x\"y/+'\nsession_token: ''\nexpiration:\n") == short
        )
        #expect(
            try json("access_key: 1\nsecret_key: 2\nexpiration: 2030-01-01T00:00:00Z\nsession_token: 3\n")
                == #"{"Version":1,"AccessKeyId":"1","SecretAccessKey":"2","SessionToken":"3","#
                + #""Expiration":"2030-01-01T00:00:00Z"}"#
        )
    }

    @Test(arguments: [
        ("access_key_id", "secret_access_key", "session_token", "expiration"),
        ("aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_expiration"),
        ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "EXPIRATION"),
        ("access-key-id", "secret-access-key", "session-token", "Expiration"),
        ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"),
        ("access-key", "secret-key", "sessionToken", "expiration"),
        ("accessKey", "secretKey", "aws-session-token", "expiration"),
    ])
    func namesAreSpelledInManyWays(key: String, secret: String, token: String, expiration: String) throws {
        #expect(
            try json("\(token): t\n\(expiration): 2030-01-01T00:00:00Z\n\(key): k\n\(secret): s\n")
                == #"{"Version":1,"AccessKeyId":"k","SecretAccessKey":"s","SessionToken":"t","#
                + #""Expiration":"2030-01-01T00:00:00Z"}"#
        )
    }

    @Test(arguments: [
        ("secret_access_key: s", "AccessKeyId", "access_key_id, access_key"),
        ("secret_access_key: s\naccess_key_id: ''", "AccessKeyId", "access_key_id, access_key"),
        ("access_key_id: k", "SecretAccessKey", "secret_access_key, secret_key"),
        ("access_key_id: k\nsecret_access_key:", "SecretAccessKey", "secret_access_key, secret_key"),
        ("access_key_id: k\nsecret: canary\nxsecret_key: canary", "SecretAccessKey", "secret_access_key, secret_key"),
    ])
    func aMissingKeyIsNamedWithItsSpellings(yaml: String, field: String, spellings: String) {
        let error = failure { _ = try json(yaml) }
        #expect(error?.code == .configuration)
        #expect(
            error?.message.hasPrefix("/vault/file.yaml has no \(field) for AWS: name it one of \(spellings)") == true
        )
        #expect(error?.message.contains("canary") == false)
    }

    @Test(arguments: [
        "2030-01-31T12:00:00Z", "2028-02-29T00:00:00+01:00", "2030-12-31T23:59:59.123456Z", "0001-01-01T00:00:00-23:59",
    ])
    func aTimeWithItsZoneIsAccepted(expiration: String) throws {
        #expect(try json("access_key: 1\nsecret_key: 2\nexpiration: '\(expiration)'\n").contains(expiration))
    }

    @Test(arguments: [
        "2030-01-31T12:00:00", "2030-01-31", "never", "2030-02-30T00:00:00Z", "2029-02-29T00:00:00Z", "1893456000",
        "2030-13-01T00:00:00Z", "2030-01-01T24:00:00Z", "2030-01-01T00:00:00Zx", "2030-01-01T00:00:00.Z",
        "2030-01-01T00:00:00+1", "0000-01-01T00:00:00Z", "+030-01-01T00:00:00Z",
    ])
    func anExpirationThatTheSDKsCannotParseIsRefused(expiration: String) {
        let error = failure { _ = try json("access_key: 1\nsecret_key: 2\nexpiration: '\(expiration)'\n") }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("such as 2030-01-31T12:00:00Z") == true)
    }

    @Test(arguments: ["access_key_id", "secret_access_key", "session_token", "expiration"])
    func whiteSpaceInKeysIsRefused(name: String) {
        for value in [#""canary\n""#, #""canary canary""#, #""\tcanary""#, #""canary\x7F""#] {
            let others = ["access_key_id", "secret_access_key"].filter { $0 != name }.map { "\($0): k\n" }
            let error = failure { _ = try json("\(name): \(value)\n\(others.joined())") }
            #expect(error?.code == .configuration)
            #expect(error?.message.contains("white space, a line break or another character") == true)
            #expect(error?.message.contains("canary") == false)
        }
    }

    @Test
    func twoSpellingsMayNotDiffer() throws {
        let same = "access_key_id: k\nAWS_ACCESS_KEY_ID: k\naccess_key: ''\nsecret_key: s\n"
        #expect(try json(same) == #"{"Version":1,"AccessKeyId":"k","SecretAccessKey":"s"}"#)
        for name in ["secret_access_key", "session-token"] {
            let error = failure { _ = try json("access_key: k\nsecret_key: s\nsession_token: s\n\(name): canary\n") }
            #expect(error?.code == .configuration)
            #expect(error?.message.contains("more than one") == true)
            #expect(error?.message.contains("canary") == false)
        }
    }
}
