/// An error of Kusto's REST services.
struct OneAPIError: Error, Sendable {
    var code = "BadRequest"
    var type: String
    var message: String
    var isPermanent: Bool
    var status: Int

    static func badRequest(type: String, _ message: String) -> OneAPIError {
        OneAPIError(type: type, message: message, isPermanent: true, status: 400)
    }

    static func syntax(_ message: String) -> OneAPIError {
        badRequest(type: "Kusto.Data.Exceptions.SyntaxException", "Syntax error: \(message)")
    }

    var json: JSON {
        [
            "error": [
                "code": .string(code), "message": "Request is invalid and cannot be executed.", "@type": .string(type),
                "@message": .string(message), "@failureCode": .integer(status),
                "@context": [
                    "timestamp": .string(Moment.system.roundTripText), "serviceAlias": "EMULATOR", "machineName": "emulator",
                    "processName": "kusto-emulator", "activityId": .string(Identifier.guid()), "subActivityId": .string(Identifier.guid()),
                    "activityType": "DN.FE.ExecuteControlCommand", "parentActivityId": .string(Identifier.guid()), "activityStack": "()",
                ],
                "@permanent": .bool(isPermanent),
            ]
        ]
    }

    var reply: Reply { .json(status, json) }
}
