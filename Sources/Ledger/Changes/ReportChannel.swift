package import KustoWire

/// One of the two ways that the service's reports come by. Each is read by its own part of the engine, and each can fail alone.
package enum ReportChannel: String, Sendable, Hashable, CaseIterable {
    case queues
    case tables

    /// Which messages' reports come by it.
    package var methods: Set<ReportMethod> {
        switch self {
        case .queues: [.queue, .queueAndTable]
        case .tables: [.table, .queueAndTable]
        }
    }

    /// Of these, the ones whose deadlines wait for this channel alone. What is reported by both has the tables' word whatever becomes of the queues,
    /// and must not be put off by both.
    package var deadlineMethods: Set<ReportMethod> {
        switch self {
        case .queues: [.queue]
        case .tables: [.table, .queueAndTable]
        }
    }
}

extension IngestionProperties {
    /// Where a report would come from. A message that asks for none has no entity in a table either.
    package var effectiveReportMethod: ReportMethod { reportsToTable ? reportMethod : .queue }
}
