import KustoEmulator
import Testing

@Suite struct SignatureTests {}
