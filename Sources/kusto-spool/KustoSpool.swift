import ArgumentParser
import SpoolCommands

/// The program: everything it does is in SpoolCommands and below, where tests can reach it.
@main
enum KustoSpool {
    static func main() async { await KustoSpoolCommand.main() }
}
