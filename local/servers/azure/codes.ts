export type Code =
  | 'AuthenticationFailed'
  | 'AuthorizationFailure'
  | 'AuthorizationPermissionMismatch'
  | 'BlobAlreadyExists'
  | 'BlobArchived'
  | 'BlobCustomerSpecifiedEncryptionMismatch'
  | 'BlobDoesNotUseCustomerSpecifiedEncryption'
  | 'BlobImmutableDueToPolicy'
  | 'BlobNotFound'
  | 'BlobSnapshotNotSoftDeleted'
  | 'BlobUsesCustomerSpecifiedEncryption'
  | 'BlockListTooLong'
  | 'CannotVerifyCopySource'
  | 'ConditionNotMet'
  | 'ContainerAlreadyExists'
  | 'ContainerBeingDeleted'
  | 'ContainerNotFound'
  | 'Crc64Mismatch'
  | 'DuplicateTagNames'
  | 'EmptyMetadataKey'
  | 'EmptyTagName'
  | 'InternalError'
  | 'InvalidAuthenticationInfo'
  | 'InvalidBlobOrBlock'
  | 'InvalidBlockList'
  | 'InvalidHeaderValue'
  | 'InvalidInput'
  | 'InvalidMd5'
  | 'InvalidMetadata'
  | 'InvalidQueryParameterValue'
  | 'InvalidRange'
  | 'InvalidResourceName'
  | 'InvalidTag'
  | 'InvalidUri'
  | 'InvalidXmlDocument'
  | 'LeaseAlreadyPresent'
  | 'LeaseIdMismatchWithBlobOperation'
  | 'LeaseIdMismatchWithLeaseOperation'
  | 'LeaseIdMissing'
  | 'LeaseIsBreakingAndCannotBeAcquired'
  | 'LeaseIsBreakingAndCannotBeChanged'
  | 'LeaseIsBrokenAndCannotBeRenewed'
  | 'LeaseLost'
  | 'LeaseNotPresentWithBlobOperation'
  | 'LeaseNotPresentWithLeaseOperation'
  | 'Md5Mismatch'
  | 'MetadataTooLarge'
  | 'MissingContentLengthHeader'
  | 'MissingRequiredHeader'
  | 'MissingRequiredQueryParameter'
  | 'MultipleConditionHeadersNotSupported'
  | 'NoAuthenticationInformation'
  | 'NotImplemented'
  | 'NotModified'
  | 'OperationNotAllowedOnRootBlob'
  | 'OutOfRangeInput'
  | 'OutOfRangeQueryParameterValue'
  | 'RequestBodyTooLarge'
  | 'ResourceNotFound'
  | 'ServerBusy'
  | 'SnapshotsPresent'
  | 'SourceConditionNotMet'
  | 'TagsTooLarge'
  | 'UnsatisfiableCondition'
  | 'UnsupportedHeader'
  | 'UnsupportedHttpVerb'

/** Azure's own codes, with the status that each comes with. The sentences are ours. */
export const codes: Readonly<Record<Code, readonly [status: number, message: string]>> = {
  AuthenticationFailed: [403, 'The signature is missing, wrong, or its date is not now.'],
  AuthorizationFailure: [403, 'This caller may not do this.'],
  AuthorizationPermissionMismatch: [403, 'The shared access signature does not grant this.'],
  BlobAlreadyExists: [409, 'There is a blob of this name.'],
  BlobArchived: [409, 'The blob is in the archive tier: rehydrate it first.'],
  BlobCustomerSpecifiedEncryptionMismatch: [409, 'The blob is encrypted with another key than this request brings.'],
  BlobDoesNotUseCustomerSpecifiedEncryption: [409, 'The request brings a key and the blob was written without one.'],
  BlobImmutableDueToPolicy: [409, 'A hold or an immutability policy protects this blob.'],
  BlobNotFound: [404, 'There is no such blob.'],
  BlobSnapshotNotSoftDeleted: [409, 'Only what is soft-deleted can be deleted for good.'],
  BlobUsesCustomerSpecifiedEncryption: [409, 'The blob is encrypted with a key that this request does not bring.'],
  BlockListTooLong: [400, 'A blob has at most 50,000 blocks.'],
  CannotVerifyCopySource: [404, 'The source is not a readable blob of this server.'],
  ConditionNotMet: [412, 'A condition in the headers does not hold.'],
  ContainerAlreadyExists: [409, 'There is a container of this name.'],
  ContainerBeingDeleted: [409, 'The container of this name is still being deleted.'],
  ContainerNotFound: [404, 'There is no such container.'],
  Crc64Mismatch: [400, 'The CRC64 in the header is not that of the body.'],
  DuplicateTagNames: [400, 'A tag is named twice.'],
  EmptyMetadataKey: [400, 'A metadata name is empty.'],
  EmptyTagName: [400, 'A tag has no name.'],
  InternalError: [500, 'The server met a defect of its own.'],
  InvalidAuthenticationInfo: [400, 'The Authorization header has no form that the service knows.'],
  InvalidBlobOrBlock: [400, 'The block ids of one blob all have one length.'],
  InvalidBlockList: [400, 'The list names a block that is not there.'],
  InvalidHeaderValue: [400, 'A header has a value that the service does not take.'],
  InvalidInput: [400, 'The body ended before it was whole.'],
  InvalidMd5: [400, 'An MD5 is 16 bytes in base64.'],
  InvalidMetadata: [400, 'Metadata names are C# identifiers and values are printable ASCII.'],
  InvalidQueryParameterValue: [400, 'A query parameter has a value that the service does not take.'],
  InvalidRange: [416, 'The range begins beyond the end of the blob.'],
  InvalidResourceName: [400, 'The name breaks the rules for names.'],
  InvalidTag: [400, 'Tags are letters, digits, space and + - . / : = _'],
  InvalidUri: [400, 'The address names nothing that the service can hold.'],
  InvalidXmlDocument: [400, 'The body is not the XML that belongs here.'],
  LeaseAlreadyPresent: [409, 'There is a lease already.'],
  LeaseIdMismatchWithBlobOperation: [412, 'The lease id is not that of the lease on the blob.'],
  LeaseIdMismatchWithLeaseOperation: [409, 'The lease id is not that of the lease on the blob.'],
  LeaseIdMissing: [412, 'The blob is leased and the request names no lease id.'],
  LeaseIsBreakingAndCannotBeAcquired: [409, 'The lease is breaking: wait until it has broken.'],
  LeaseIsBreakingAndCannotBeChanged: [409, 'The lease is breaking and keeps its id.'],
  LeaseIsBrokenAndCannotBeRenewed: [409, 'The lease was broken: acquire it anew.'],
  LeaseLost: [412, 'The lease of this id has ended.'],
  LeaseNotPresentWithBlobOperation: [412, 'The request names a lease id and the blob has no lease.'],
  LeaseNotPresentWithLeaseOperation: [409, 'The blob has no lease.'],
  Md5Mismatch: [400, 'The MD5 in the header is not that of the body.'],
  MetadataTooLarge: [400, 'Metadata is at most 8 KiB, names and values together.'],
  MissingContentLengthHeader: [411, 'The request must say how long its body is.'],
  MissingRequiredHeader: [400, 'A header is missing.'],
  MissingRequiredQueryParameter: [400, 'A query parameter is missing.'],
  MultipleConditionHeadersNotSupported: [400, 'These conditions do not go together.'],
  NoAuthenticationInformation: [401, 'The request is not signed.'],
  NotImplemented: [501, 'This embedded server does not do this.'],
  NotModified: [304, 'A condition in the headers does not hold.'],
  OperationNotAllowedOnRootBlob: [403, 'The current version is deleted by its name, not by its id.'],
  OutOfRangeInput: [400, 'Something in the request is longer or larger than it may be.'],
  OutOfRangeQueryParameterValue: [400, 'A query parameter is outside its range.'],
  RequestBodyTooLarge: [413, 'The body is larger than it may be.'],
  ResourceNotFound: [404, 'There is no such account.'],
  ServerBusy: [503, 'More operations per second than the account is given.'],
  SnapshotsPresent: [409, 'The blob has snapshots: say whether to delete them too.'],
  SourceConditionNotMet: [412, 'A condition on the source does not hold.'],
  TagsTooLarge: [400, 'A blob has at most ten tags; names to 128 letters, values to 256.'],
  UnsatisfiableCondition: [400, 'This condition can never hold for a read.'],
  UnsupportedHeader: [400, 'The service does not take this header here.'],
  UnsupportedHttpVerb: [405, 'The resource does not take this verb.'],
}
