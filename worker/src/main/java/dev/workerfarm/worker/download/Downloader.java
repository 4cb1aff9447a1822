package dev.workerfarm.worker.download;

import dev.workerfarm.loop.Loop;
import dev.workerfarm.task.Download;
import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import okhttp3.Authenticator;
import okhttp3.ConnectionPool;
import okhttp3.CookieJar;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import org.jspecify.annotations.Nullable;

/**
 * Fetches URLs into a folder. Safe to point at strangers' URLs: it connects where its {@link AddressGuard} lets it,
 * writes where {@link SafeFileName} says, within {@link DownloadConfig.Limits}, and sends no cookies, credentials or
 * referrer. A file appears whole or not at all. Shared by many threads; whoever made it closes it.
 */
public final class Downloader implements Task<Download, Download.Result>, AutoCloseable {
    private static final Duration CLEAN_UP = Duration.ofMillis(500);
    private static final int IDLE_CONNECTIONS = 64;

    private final DownloadConfig config;
    private final Supplier<OkHttpClient> base;
    private final ExecutorService threads =
            Executors.newCachedThreadPool(task -> Loop.daemon("workerfarm-download", task));
    private final Set<Transfer> running = ConcurrentHashMap.newKeySet();
    private final LongAdder receivedBytes = new LongAdder();
    /** Made for the first download: reading the trusted certificates takes longer than the rest of a worker's start. */
    private @Nullable OkHttpClient client; // guarded by this

    public Downloader(DownloadConfig config) {
        this(config, OkHttpClient::new);
    }

    /** @param base what a test brings along: name server, trusted certificates. It cannot loosen the guard */
    Downloader(DownloadConfig config, Supplier<OkHttpClient> base) {
        this.config = config;
        this.base = base;
        // Older than any part that another process can still be writing.
        PartFile.deleteLeftovers(config.folder(), config.limits().totalTimeout().plusHours(1));
    }

    /** Fetches a file, replacing one of the same name, as {@link Download} says. An interrupt cancels the transfer. */
    public Download.Result download(String url, @Nullable String filename)
            throws DownloadException, InterruptedException {
        HttpUrl start = Urls.parse(url);
        Transfer transfer = new Transfer(client(), config, start, SafeFileName.of(filename, start), receivedBytes);
        // On a thread of its own: neither a name lookup nor a read from a socket notices an interrupt or a deadline.
        Future<Download.Result> result = submit(transfer);
        try {
            return result.get(config.limits().totalTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw unwrapped(e);
        } catch (TimeoutException e) {
            stop(transfer, result);
            throw new DownloadException("timed out after %s in all for %s"
                    .formatted(Failures.text(config.limits().totalTimeout()), Urls.shown(start)));
        } catch (InterruptedException e) {
            stop(transfer, result);
            throw e;
        } finally {
            running.remove(transfer);
        }
    }

    @Override
    public TaskType<Download, Download.Result> type() {
        return Download.TYPE;
    }

    @Override
    public Download.Result run(Download args, TaskContext context) throws DownloadException, InterruptedException {
        return download(args.url(), args.filename());
    }

    /** How many bytes of bodies have come, those of downloads that failed included. */
    public long receivedBytes() {
        return receivedBytes.sum();
    }

    /** Cancels what runs; its callers get a {@link DownloadException}. */
    @Override
    public void close() {
        threads.shutdown();
        running.forEach(Transfer::cancel);
        synchronized (this) {
            if (client != null) {
                client.connectionPool().evictAll();
            }
        }
    }

    private synchronized OkHttpClient client() {
        if (client == null) {
            client = guarded(base.get());
        }
        return client;
    }

    private OkHttpClient guarded(OkHttpClient base) {
        return base.newBuilder()
                .dns(host -> named(host, base.dns().lookup(host)))
                .socketFactory(new GuardedSocketFactory(new AddressGuard(config.allow())))
                .proxy(Proxy.NO_PROXY) // a proxy would look names up and connect, past the guard
                // With HTTP/2 OkHttp sends requests for one host over another host's connection if the certificate
                // fits: a stranger's host could so use a connection that only an allowed name may have.
                .protocols(List.of(Protocol.HTTP_1_1))
                .connectionPool(new ConnectionPool(IDLE_CONNECTIONS, 1, TimeUnit.MINUTES))
                .followRedirects(false)
                .followSslRedirects(false)
                .cookieJar(CookieJar.NO_COOKIES)
                .authenticator(Authenticator.NONE)
                .connectTimeout(config.limits().connectTimeout())
                .readTimeout(config.limits().readTimeout())
                .build();
    }

    /** Names the host that was asked for on each address: the {@link AddressGuard} learns nothing else of the URL. */
    private static List<InetAddress> named(String host, List<InetAddress> addresses) throws UnknownHostException {
        List<InetAddress> named = new ArrayList<>();
        for (InetAddress address : addresses) {
            named.add(InetAddress.getByAddress(host, address.getAddress()));
        }
        return named;
    }

    private Future<Download.Result> submit(Transfer transfer) {
        running.add(transfer); // before it starts, so that close() misses none
        try {
            return threads.submit(transfer);
        } catch (RejectedExecutionException e) {
            running.remove(transfer);
            throw new IllegalStateException("the downloader is closed", e);
        }
    }

    /** Cancels, then gives the transfer time to delete its part file; one that hangs in a name lookup has none yet. */
    private static void stop(Transfer transfer, Future<?> result) throws InterruptedException {
        transfer.cancel();
        try {
            result.get(CLEAN_UP.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // Cancelled, as asked, or about to be.
        }
    }

    private static DownloadException unwrapped(ExecutionException e) {
        if (e.getCause() instanceof DownloadException failure) {
            return failure;
        }
        if (e.getCause() instanceof Error error) {
            throw error;
        }
        throw new IllegalStateException("a download failed in an unforeseen way", e.getCause());
    }
}
