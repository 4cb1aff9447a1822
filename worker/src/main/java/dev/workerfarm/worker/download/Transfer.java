package dev.workerfarm.worker.download;

import dev.workerfarm.task.Download;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import okhttp3.Call;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** One download: run once, on a thread of the {@link Downloader}; cancelled from any other. */
final class Transfer implements Callable<Download.Result> {
    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int MAX_CONTENT_TYPE = 255;

    private final OkHttpClient client;
    private final DownloadConfig config;
    private final HttpUrl start;
    private final String filename;
    private final LongAdder receivedBytes;
    private final long startNanos = System.nanoTime();

    private @Nullable Call current; // guarded by this
    private boolean cancelled; // guarded by this

    Transfer(OkHttpClient client, DownloadConfig config, HttpUrl start, String filename, LongAdder receivedBytes) {
        this.client = client;
        this.config = config;
        this.start = start;
        this.filename = filename;
        this.receivedBytes = receivedBytes;
    }

    /** Stops it as soon as may be. A file that is not in its place when this returns will not come there. */
    synchronized void cancel() {
        cancelled = true;
        if (current != null) {
            current.cancel();
        }
    }

    /** Redirects are followed here and not by OkHttp, which has no rule for them that could be set. */
    @Override
    public Download.Result call() throws DownloadException {
        HttpUrl url = start;
        for (int redirects = 0; redirects <= config.limits().maxRedirects(); redirects++) {
            try (Response response = begin(url).execute()) {
                String location = redirectOf(response);
                if (location == null) {
                    return save(response);
                }
                url = Urls.redirect(url, location);
            } catch (DownloadException e) {
                throw e;
            } catch (IOException e) {
                requireNotCancelled();
                throw Failures.explain(e, url, config.limits());
            }
        }
        throw new DownloadException(
                "more than " + config.limits().maxRedirects() + " redirects from " + Urls.shown(start));
    }

    private synchronized Call begin(HttpUrl url) throws DownloadException {
        requireNotCancelled();
        Request.Builder request = new Request.Builder().url(url).header("User-Agent", "workerfarm");
        Call call = client.newCall(request.build());
        current = call;
        return call;
    }

    private static @Nullable String redirectOf(Response response) {
        return switch (response.code()) {
            case 301, 302, 303, 307, 308 -> response.header("Location");
            default -> null;
        };
    }

    private Download.Result save(Response response) throws IOException {
        HttpUrl url = response.request().url();
        if (!response.isSuccessful()) {
            throw new DownloadException("HTTP " + response.code() + " for " + Urls.shown(url));
        }
        requireSize(response.body().contentLength(), url);
        try (PartFile part = new PartFile(config.folder())) {
            copy(response.body().byteStream(), part, url);
            Path target = config.folder().resolve(filename);
            place(part, target);
            return new Download.Result(
                    target.toString(),
                    filename,
                    part.bytes(),
                    part.sha256(),
                    contentType(response),
                    url.toString(),
                    response.code(),
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos));
        }
    }

    private void copy(InputStream body, PartFile part, HttpUrl url) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
            receivedBytes.add(read);
            requireSize(part.bytes() + read, url);
            part.write(buffer, read);
        }
    }

    private void requireSize(long bytes, HttpUrl url) throws DownloadException {
        if (bytes > config.limits().maxBytes()) {
            cancel(); // or OkHttp would read on for a while, to use the connection again
            throw new DownloadException("larger than " + config.limits().maxBytes() + " bytes: " + Urls.shown(url));
        }
    }

    private synchronized void place(PartFile part, Path target) throws DownloadException {
        requireNotCancelled();
        part.placeAs(target);
    }

    private synchronized void requireNotCancelled() throws DownloadException {
        if (cancelled) {
            throw new DownloadException("cancelled: " + Urls.shown(start));
        }
    }

    private static @Nullable String contentType(Response response) {
        String type = response.header("Content-Type");
        return type == null || type.length() > MAX_CONTENT_TYPE ? null : type;
    }
}
