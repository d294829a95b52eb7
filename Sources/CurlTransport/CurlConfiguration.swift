package import SpoolPrimitives

/// What can be chosen about the network. Whether certificates are verified cannot.
package struct CurlConfiguration: Sendable {
    /// How https requests leave this machine. Plain http goes to this machine only, and never through a proxy.
    package enum Proxy: Sendable {
        /// Straight to the host, whatever the environment says: a daemon's environment is not its operator's shell.
        case none
        /// `https_proxy` and `no_proxy`, as curl(1) reads them.
        case environment
        /// Every https request through this one.
        case server(SecretURL)
    }

    /// Sent with every request: what a support case will be searched by.
    package var userAgent = "kusto-spool"
    /// A PEM file of certificate authorities, which are trusted in place of the system's; nil means the system's. Read
    /// again for the first connection after an hour.
    package var caFile: String?
    /// See ``Proxy``.
    package var proxy = Proxy.none
    /// Connections kept for reuse, in use or not. At least the requests in flight, or connections are closed while others like them are opened.
    package var maximumConnections = 512
    /// An idle connection older than this is not used again. Below the four minutes after which Azure's load balancers forget one.
    package var idleTime = Duration.seconds(60)
    /// A connection older than this is not used again, so that a host that moved in DNS is followed.
    package var connectionLifetime = Duration.seconds(900)

    /// The defaults, each with its reason above.
    package init() {}
}

/// Why no transport could be made.
package struct CurlSetupError: Error, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
