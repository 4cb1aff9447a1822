package dev.workerfarm.local;

import dev.workerfarm.error.RedisUnreachableException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.IntSupplier;

/**
 * A real Redis as a child process: on a free port of the loopback interface, with a random password, everything in memory.
 * Whoever starts it closes it. It is gone after {@link #close} and whenever this JVM ends, also by SIGKILL (see {@link
 * Leash}); a Ctrl-C at the terminal does not reach it, so it is there while the farm stops. The settings go over its
 * standard input, so the password is in no file and in no list of processes.
 */
public final class EmbeddedRedis implements AutoCloseable {
    /** What comes before it is the C library's, and differs: "Address already in use", "Address in use". */
    private static final String PORT_TAKEN = "Failed listening on port";

    private static final Duration READY_DEADLINE = Duration.ofSeconds(15);
    private static final int POLL_MILLIS = 5;
    private static final int ANSWER_MILLIS = 250; // somebody else's server may have the port and keep silent
    private static final int PORTS_TRIED = 5; // between the choice of a free port and its use anyone may take it

    private final Leash server;
    private final String url;

    private EmbeddedRedis(Leash server, String url) {
        this.server = server;
        this.url = url;
    }

    /** Starts a Redis and returns when it answers. A {@link RedisUnreachableException} says why none runs here. */
    public static EmbeddedRedis start() {
        return start(RedisBinary.ofThisMachine(System.getenv()), EmbeddedRedis::freePort);
    }

    static EmbeddedRedis start(RedisBinary binary, IntSupplier ports) {
        var program = binary.find();
        var password = UUID.randomUUID().toString().replace("-", "");
        var output = "";
        for (int attempt = 1; attempt <= PORTS_TRIED; attempt++) {
            int port = ports.getAsInt();
            var server = startServer(program, port, password);
            try {
                if (isReady(server, port, password)) {
                    return new EmbeddedRedis(server, "redis://:" + password + "@127.0.0.1:" + port + "/0");
                }
            } catch (RuntimeException e) {
                server.close();
                throw e;
            }
            output = server.tail();
            server.close();
            if (!output.contains(PORT_TAKEN)) {
                break;
            }
        }
        throw new RedisUnreachableException(program + " ended as soon as it was started. It said:\n" + output);
    }

    /** Where it listens, with password: {@code redis://:password@127.0.0.1:port/0}. */
    public String url() {
        return url;
    }

    long pid() {
        return server.pid();
    }

    /** Kills it and waits until it is gone: there is nothing to save. Closing twice is harmless. */
    @Override
    public void close() {
        server.close();
    }

    private static Leash startServer(Path program, int port, String password) {
        var folder = Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath();
        // The folder is for a SAVE or BGSAVE that a client asks for: not in the user's working folder.
        var settings = """
                bind 127.0.0.1
                port %s
                protected-mode yes
                requirepass %s
                save ""
                appendonly no
                maxmemory-policy noeviction
                dir "%s"
                """.formatted(port, password, folder);
        try {
            return Leash.start(List.of(program.toString(), "-"), settings, Map.of(), folder);
        } catch (IOException e) {
            throw new RedisUnreachableException("Could not run " + program + " through /bin/sh: " + e.getMessage(), e);
        }
    }

    /** Waits until it answers (true) or ends (false). */
    private static boolean isReady(Leash server, int port, String password) {
        long deadline = System.nanoTime() + READY_DEADLINE.toNanos();
        try {
            while (System.nanoTime() < deadline) {
                if (answers(port, password)) {
                    return true;
                }
                if (server.awaitEnd(Duration.ofMillis(POLL_MILLIS))) {
                    return false;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RedisUnreachableException("Interrupted while the embedded Redis was starting", e);
        }
        throw new RedisUnreachableException("The embedded Redis on port " + port + " did not answer within "
                + READY_DEADLINE.toSeconds() + " s. It said:\n" + server.tail());
    }

    /** Inline commands: https://redis.io/docs/latest/develop/reference/protocol-spec/#inline-commands */
    private static boolean answers(int port, String password) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), ANSWER_MILLIS);
            socket.setSoTimeout(ANSWER_MILLIS);
            socket.getOutputStream().write(("AUTH " + password + "\r\nPING\r\n").getBytes(StandardCharsets.US_ASCII));
            var expected = "+OK\r\n+PONG\r\n";
            var answer = socket.getInputStream().readNBytes(expected.length());
            return expected.equals(new String(answer, StandardCharsets.US_ASCII));
        } catch (IOException e) {
            return false;
        }
    }

    static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("No free port on 127.0.0.1", e);
        }
    }
}
