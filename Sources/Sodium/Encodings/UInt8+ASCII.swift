/// Letters and digits of ASCII.
extension UInt8 {
    /// Whether it is a letter from a to z.
    package var isASCIILowerCase: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }

    /// Whether it is a letter from A to Z.
    package var isASCIIUpperCase: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }

    /// Whether it is a letter from a to z or A to Z.
    package var isASCIILetter: Bool { isASCIILowerCase || isASCIIUpperCase }

    /// Whether it is a digit from 0 to 9.
    package var isASCIIDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    /// A letter in lower case; any other byte as it is.
    package var asciiLowerCased: UInt8 { isASCIIUpperCase ? self | 0x20 : self }

    /// A letter in upper case; any other byte as it is.
    package var asciiUpperCased: UInt8 { isASCIILowerCase ? self & 0xDF : self }
}
