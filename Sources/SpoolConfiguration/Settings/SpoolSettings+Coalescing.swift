import SpoolPrimitives

extension SpoolSettings.Coalescing {
    private static let maxFiles = ConfigurationKey<Int>.count(
        "max_files", in: 2...2000, default: 1000,
        "The most files of one source. A thousand leave next to nothing of what a blob and a message cost.")

    private static let maxBytes = ConfigurationKey<ByteCount>.size(
        "max_bytes", in: .kibibytes(64) ... .gibibytes(1), default: "64 MiB",
        "The most bytes of one source, before compression. Well below what the service likes best (1 GB), since a refused source is sent again file by file."
    )

    private static let maxWait = ConfigurationKey<Duration>.duration(
        "max_wait", in: .milliseconds(1) ... .seconds(600), default: "5 s",
        "How long a complete file waits in the spool's directory for others. The service's own batching takes minutes.")

    static let key = ConfigurationKey<SpoolSettings.Coalescing>.section(
        "coalesce",
        SectionDescription(
            "spools[].coalesce",
            "Lets small files of a line- or value-separated text format travel together, as one source. Each has its own verdict, which is its source's. Absent: "
                + "each file is a source of its own.",
            [maxFiles.description, maxBytes.description, maxWait.description]),
        optional: true
    ) { reader in
        let maxFiles = reader.read(maxFiles)
        let maxBytes = reader.read(maxBytes)
        let maxWait = reader.read(maxWait)
        guard let maxFiles, let maxBytes, let maxWait else { return nil }
        return SpoolSettings.Coalescing(maxFiles: maxFiles, maxBytes: maxBytes, maxWait: maxWait)
    }
}
