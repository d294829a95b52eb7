/// The version of the program, as `--version`, the User-Agent and the service's traces show it.
package enum KustoSpoolVersion {
    package static let current = "0.1.0"
}
