package dev.workerfarm.worker.download;

import dev.workerfarm.worker.download.GuardedSocketFactory.ConnectTimeoutException;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import javax.net.ssl.SSLException;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/** Says in plain words what went wrong on the network. */
final class Failures {
    private Failures() {}

    /** @param failure what OkHttp threw; where several addresses failed, the others are its suppressed ones */
    static DownloadException explain(IOException failure, HttpUrl url, DownloadConfig.Limits limits) {
        DownloadException own = find(DownloadException.class, failure);
        // A refusal explains more than the failure of the host's other addresses.
        return own != null ? own : new DownloadException(message(failure, url, limits), failure);
    }

    static String text(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
    }

    private static String message(IOException failure, HttpUrl url, DownloadConfig.Limits limits) {
        String shown = Urls.shown(url);
        if (failure instanceof ConnectTimeoutException) {
            return String.valueOf(failure.getMessage());
        }
        if (failure instanceof SocketTimeoutException) {
            return "timed out after %s without data from %s".formatted(text(limits.readTimeout()), shown);
        }
        if (failure instanceof UnknownHostException) {
            return "unknown host " + url.host();
        }
        if (failure instanceof ConnectException) {
            Throwable reason = failure.getCause() == null ? failure : failure.getCause();
            return "cannot connect to %s, port %s: %s".formatted(url.host(), url.port(), firstLine(reason));
        }
        if (failure instanceof SSLException) {
            return "no secure connection for %s: %s".formatted(shown, firstLine(failure));
        }
        if (failure instanceof ProtocolException || find(EOFException.class, failure) != null) {
            return "broken answer from %s: %s".formatted(shown, firstLine(failure));
        }
        return "failed for %s: %s".formatted(shown, firstLine(failure));
    }

    private static String firstLine(Throwable failure) {
        return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
    }

    private static <T extends Throwable> @Nullable T find(Class<T> type, @Nullable Throwable failure) {
        if (failure == null || type.isInstance(failure)) {
            return type.cast(failure);
        }
        for (Throwable suppressed : failure.getSuppressed()) {
            T found = find(type, suppressed);
            if (found != null) {
                return found;
            }
        }
        return find(type, failure.getCause());
    }
}
