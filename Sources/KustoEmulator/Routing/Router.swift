/// Hands a whole request to the endpoint that it asks for.
struct Router: Sendable {
    let cloud: Cloud

    /// Calls `reply` once, at once for all that works in memory, later for what SQLite has to answer.
    func answer(_ request: Request, _ route: Route, _ reply: @escaping @Sendable (Reply) -> Void) {
        switch route {
        case .token(let tenant): reply(kusto(request, TokenEndpoint(cloud: cloud).answer(request, tenant: tenant)))
        case .instanceDiscovery: reply(kusto(request, TokenEndpoint(cloud: cloud).instanceDiscovery(request)))
        case .openIDConfiguration(let tenant):
            reply(kusto(request, TokenEndpoint(cloud: cloud).openIDConfiguration(request, tenant: tenant)))
        case .authMetadata: reply(kusto(request, ManagementEndpoint(cloud: cloud).metadata(request)))
        case .management(let onEngine):
            guard cloud.bearers.accepts(request) else { return reply(unauthorized(request)) }
            do throws(OneAPIError) {
                reply(kusto(request, try ManagementEndpoint(cloud: cloud).answer(request, onEngine: onEngine)))
            } catch {
                reply(kusto(request, error.reply))
            }
        case .query(let version):
            guard cloud.bearers.accepts(request) else { return reply(unauthorized(request)) }
            QueryEndpoint(cloud: cloud).answer(request, version: version) { reply(kusto(request, $0)) }
        case .blob(let address):
            reply(storage(request) { () throws(StorageError) in try BlobEndpoint(cloud: cloud).answer(request, address) })
        case .queue(let address):
            reply(storage(request) { () throws(StorageError) in try QueueEndpoint(cloud: cloud).answer(request, address) })
        case .table(let address): reply(table(request, address))
        case .administration(let path): reply(AdministrationEndpoint(cloud: cloud).answer(request, path))
        case .unknown: reply(.text(404, "There is nothing at this path."))
        }
    }

    func dressing(_ request: Request) -> StorageDressing {
        StorageDressing(request, now: cloud.clock.now, marksBytes: cloud.configuration.writesByteOrderMark)
    }

    private func storage(_ request: Request, _ body: () throws(StorageError) -> Reply) -> Reply {
        let dressing = dressing(request)
        do throws(StorageError) {
            return dressing.dress(try body())
        } catch {
            return dressing.dress(dressing.reply(error))
        }
    }

    private func table(_ request: Request, _ address: TableAddress) -> Reply {
        let dressing = dressing(request)
        do throws(StorageError) {
            return dressing.dress(try TableEndpoint(cloud: cloud).answer(request, address))
        } catch {
            return dressing.dress(dressing.tableReply(error, plainJSON: cloud.configuration.writesTableAuthorizationErrorsAsJSON))
        }
    }

    private func kusto(_ request: Request, _ reply: Reply) -> Reply {
        var reply = reply
        reply.headers += [("x-ms-activity-id", Identifier.guid()), ("Date", cloud.clock.now.rfc1123)]
        if let id = request[header: "x-ms-client-request-id"] { reply.headers.append(("x-ms-client-request-id", id)) }
        return reply
    }

    private func unauthorized(_ request: Request) -> Reply {
        let error = OneAPIError(
            code: "Unauthorized", type: "Kusto.Common.Svc.Exceptions.UnauthorizedException",
            message: "The bearer token is missing, unknown or expired.",
            isPermanent: true, status: 401)
        var reply = kusto(request, error.reply)
        let authority = "\(request.base(default: cloud.authority))/\(cloud.configuration.tenant)"
        reply.headers.append(
            ("WWW-Authenticate", "Bearer authorization_uri=\"\(authority)\", resource_id=\"https://kusto.kusto.windows.net\""))
        return reply
    }
}
