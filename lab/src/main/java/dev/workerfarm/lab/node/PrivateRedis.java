package dev.workerfarm.lab.node;

import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.local.Leash;
import dev.workerfarm.redis.RedisSharedState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A Redis of our own that keeps every write ({@code appendfsync always}); it lives as a {@link RabbitMqNode} does. */
public final class PrivateRedis implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(30);
    private static final Duration STOP = Duration.ofSeconds(30);

    private final Path program;
    private final Scratch scratch;
    private final String url;
    private Leash server;

    private PrivateRedis(Path program, Scratch scratch, String settings) {
        this.program = program;
        this.scratch = scratch;
        var port = Ports.free();
        var password = UUID.randomUUID().toString();
        this.url = "redis://:" + password + "@127.0.0.1:" + port + "/0";
        scratch.file("redis.conf", """
                bind 127.0.0.1
                port %s
                requirepass %s
                dir "%s"
                save ""
                appendonly yes
                appendfsync always
                """.formatted(port, password, scratch.folder("data")) + settings, "rw-------");
        this.server = run();
    }

    public static boolean isInstalled() {
        return Program.find("redis-server").isPresent();
    }

    /** Starts a server and waits until it answers. A failure has the end of its log. */
    public static PrivateRedis start() {
        return start("");
    }

    /** As {@link #start()}, with these lines for its {@code redis.conf} besides ours. */
    public static PrivateRedis start(String settings) {
        var program = Program.find("redis-server")
                .orElseThrow(() -> new IllegalStateException("no redis-server on this machine"));
        var redis = new PrivateRedis(program, new Scratch("farm-redis-"), settings);
        try {
            redis.awaitReady();
            return redis;
        } catch (RuntimeException e) {
            redis.close();
            throw e;
        }
    }

    /** {@code redis://:password@127.0.0.1:port/0}, the same all its life. */
    public String url() {
        return url;
    }

    /** The process id of the server that runs now, or ran last. */
    public long pid() {
        return server.pid();
    }

    /** Stops it as an administrator does. */
    public void stop() {
        server.terminate(STOP);
    }

    /** Kills it with -9, and waits until it is gone. */
    public void kill() {
        server.close();
    }

    /** Stops it with SIGSTOP: connections stay, and nothing is answered. */
    public void freeze() {
        server.freeze();
    }

    /** Lets it go on after {@link #freeze}. */
    public void thaw() {
        server.thaw();
    }

    /** Starts it after {@link #stop} or {@link #kill}, on the same port with the same data, and waits until it answers. */
    public void startAgain() {
        if (server.isAlive()) {
            throw new IllegalStateException("the server still runs");
        }
        server = run();
        awaitReady();
    }

    /** Ends it at once and removes its folder. */
    @Override
    public void close() {
        try {
            server.close();
        } finally {
            scratch.close();
        }
    }

    private Leash run() {
        var path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
        var command = List.of(program.toString(), scratch.path("redis.conf").toString());
        var environment = Map.of("PATH", path, "LC_ALL", "C.UTF-8");
        return Leash.startServer(scratch.path(), scratch.path("redis.log"), environment, command);
    }

    private void awaitReady() {
        var logs = List.of(scratch.path("redis.log"));
        Readiness.await("the private Redis", server, START, logs, () -> {
            try (var state = RedisSharedState.open(RedisAddress.parse(url), "readiness")) {
                state.ping(); // fails while Redis loads its data
                return state;
            }
        });
    }
}
