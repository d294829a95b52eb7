/// One of Azure's clouds: which hosts are Kusto there, and which take its logins.
///
/// Source: the SDKs' wellKnownKustoEndpoints.json (reference: kusto-queued-ingestion §1.8). Clouds that are not here are configured as extra
/// hosts.
struct Cloud: Sendable {
    let services: [HostPattern]
    let logins: [HostPattern]

    private init(services: [String], logins: [String]) {
        self.services = services.map(HostPattern.init)
        self.logins = logins.map(HostPattern.init)
    }

    static let all = [global, usGovernment, china]

    static let global = Cloud(
        services: [
            "*.kusto.windows.net", "*.kustomfa.windows.net", "*.kusto.azuresynapse.net", "*.kusto.data.microsoft.com",
            "*.kusto.fabric.microsoft.com", "*.dxp.aad.azure.com", "*.playfabapi.com", "*.playfab.com", "*.azureplayfab.com",
            "*.api.securityplatform.microsoft.com", "*.securitycenter.windows.com", "*.arg.core.windows.net", "ade.applicationinsights.io",
            "ade.loganalytics.io", "adx.applicationinsights.azure.com", "adx.loganalytics.azure.com", "adx.monitor.azure.com",
        ],
        logins: ["login.microsoftonline.com", "login.windows.net"])

    static let usGovernment = Cloud(
        services: [
            "*.kusto.usgovcloudapi.net", "*.kustomfa.usgovcloudapi.net", "*.arg.core.usgovcloudapi.net", "adx.applicationinsights.azure.us",
            "adx.loganalytics.azure.us", "adx.monitor.azure.us",
        ],
        logins: ["login.microsoftonline.us"])

    static let china = Cloud(
        services: [
            "*.kusto.chinacloudapi.cn", "*.kustomfa.chinacloudapi.cn", "*.kusto.azuresynapse.azure.cn", "*.playfab.cn",
            "*.arg.core.chinacloudapi.cn", "adx.applicationinsights.azure.cn", "adx.loganalytics.azure.cn", "adx.monitor.azure.cn",
        ],
        logins: ["login.partner.microsoftonline.cn", "login.chinacloudapi.cn"])
}
