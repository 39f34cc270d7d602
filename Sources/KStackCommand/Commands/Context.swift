import ArgumentParser
import KStack
import KStackAny
import KStackCluster
import KStackLocal
import Sodium
import System

/// `kstack route`.
struct RouteCommand: ParsableCommand {
    /// What to do with the route.
    enum Action: String, ExpressibleByArgument, CaseIterable {
        case get
        case set
    }

    static let configuration = CommandConfiguration(
        commandName: "route",
        abstract: "Print the active route of a layer, or set it (in a pod).",
        discussion: "Examples:\n  kstack route get --layer layer3\n  kstack route set staging --layer layer3"
    )

    @OptionGroup var session: Session
    @OptionGroup var layer: LayerOption

    @Argument(help: "get or set.")
    var action = Action.get

    @Argument(help: "The route to set.")
    var route: String?

    func run() throws {
        let container = try session.container()
        switch action {
        case .get: Output.line(try container.configuration.activeRoute(of: layer.parsed()).name)
        case .set:
            guard let route else { throw ValidationError("give the route to set, such as staging") }
            try container.cluster.configuration.setActiveRoute(Route(parsing: route), of: layer.parsed())
        }
    }
}

/// `kstack context`.
struct ContextCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "context",
        abstract: "Print where this program runs, and which signs decided that."
    )

    func run() throws {
        let signs = ProcessContext.signs
        Output.line(signs.context == .cluster ? "cluster" : "local")
        Output.tell(signs.reason)
    }
}
