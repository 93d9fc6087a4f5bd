package dev.observer.server.minio;

import dev.observer.server.sink.SinkException;
import io.minio.errors.ErrorResponseException;
import io.minio.errors.InvalidResponseException;
import io.minio.errors.XmlParserException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A request to an S3 did not do what it was to do. The message is in words of ours and names the
 * setting that is wrong, if one is: those of the SDK may have headers in them.
 */
final class S3Failure extends Exception {
  private static final long serialVersionUID = 1L;

  enum Meaning {
    /** There is no such object. */
    NO_OBJECT,
    /** There is an object under this key already. */
    PRESENT,
    NO_BUCKET,
    /** Somebody with the same keys made the bucket just now. */
    BUCKET_MADE,
    /** Somebody has to change a setting, here or there. */
    MISCONFIGURED,
    /** It does not take this object, now or later. */
    REFUSED,
    /** It may go well the next time. */
    OUTAGE
  }

  private final Meaning meaning;

  private S3Failure(Meaning meaning, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.meaning = meaning;
  }

  /** What the SDK threw, of whatever type: an outage, for one, is an IllegalStateException. */
  static S3Failure of(Exception thrown) {
    if (thrown instanceof ErrorResponseException e) {
      // Not as the cause: its text has the headers of the request, and a key in them.
      return answered(e.errorResponse().code(), e.response().code());
    }
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof IOException) {
        return new S3Failure(Meaning.OUTAGE, "it cannot be reached: " + cause, thrown);
      }
    }
    if (thrown instanceof InvalidResponseException || thrown instanceof XmlParserException) {
      return new S3Failure(
          Meaning.MISCONFIGURED, "what listens at minio.endpoint is not an S3", thrown);
    }
    if (thrown instanceof IllegalArgumentException) {
      // The SDK looks before it sends.
      return new S3Failure(Meaning.MISCONFIGURED, "minio.bucket: " + thrown.getMessage(), thrown);
    }
    return new S3Failure(Meaning.OUTAGE, "a request failed: " + thrown, thrown);
  }

  private static S3Failure answered(String code, int status) {
    return switch (code) {
      case "NoSuchKey" -> of(Meaning.NO_OBJECT, code, "there is no such object");
      case "PreconditionFailed" -> of(Meaning.PRESENT, code, "there is such an object already");
      case "NoSuchBucket" -> of(Meaning.NO_BUCKET, code, "there is no such minio.bucket");
      case "BucketAlreadyOwnedByYou" -> of(Meaning.BUCKET_MADE, code, "minio.bucket is there");
      case "BucketAlreadyExists" ->
          misconfigured(code, "minio.bucket belongs to somebody else; take another name");
      case "InvalidBucketName" -> misconfigured(code, "minio.bucket cannot be a bucket's name");
      case "InvalidAccessKeyId" -> misconfigured(code, "minio.access-key is not known there");
      case "SignatureDoesNotMatch" -> misconfigured(code, "minio.secret-key is wrong");
      case "RequestTimeTooSkewed" ->
          misconfigured(
              code, "the clocks of this machine and of that are more than 15 minutes apart");
      case "AccessDenied" ->
          misconfigured(code, "minio.access-key may not do in minio.bucket what is needed");
      case "AuthorizationHeaderMalformed", "PermanentRedirect", "Redirect", "InvalidRegion" ->
          misconfigured(
              code, "the bucket is in another region than minio.region or minio.endpoint say");
      case "EntityTooLarge" ->
          of(Meaning.REFUSED, code, "it is larger than the S3, or a proxy before it, takes");
      case "KeyTooLongError", "XMinioInvalidObjectName" ->
          of(Meaning.REFUSED, code, "it never takes this object");
      default ->
          status == 401 || status == 403 || status == 501
              ? misconfigured(code, "it refuses what is needed")
              : of(Meaning.OUTAGE, code, "it answers " + status);
    };
  }

  private static S3Failure misconfigured(String code, String words) {
    return of(Meaning.MISCONFIGURED, code, words);
  }

  private static S3Failure of(Meaning meaning, String code, String words) {
    return new S3Failure(meaning, words + " (" + code + ")", null);
  }

  Meaning meaning() {
    return meaning;
  }

  /**
   * What is told to whoever gave the object. Only what concerns the object alone is final: a key
   * that is changed or a right that is taken away comes back, and until then the spool holds.
   */
  SinkException forSink() {
    String message = String.valueOf(getMessage());
    return meaning == Meaning.REFUSED
        ? SinkException.refused(message)
        : SinkException.retryable(message, getCause());
  }
}
