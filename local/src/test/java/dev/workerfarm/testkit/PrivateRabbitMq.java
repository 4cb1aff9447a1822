package dev.workerfarm.testkit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A RabbitMQ node of our own, from the machine's packages, beside any other: own folder, ports, user and {@code epmd}. It
 * is there to be restarted and killed; what is durable survives that. Gone when closed, or when this JVM ends in any way.
 *
 * <p>One thread at a time starts and stops it; whoever started it closes it.
 */
public final class PrivateRabbitMq implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(90);
    private static final Duration STOP = Duration.ofSeconds(30);
    private static final Duration CTL = Duration.ofSeconds(60);
    private static final String USER = "farm";
    /** The same for all nodes of this JVM, as for the nodes of a cluster: one URL with several hosts names them. */
    private static final String PASSWORD = UUID.randomUUID().toString();

    private final Path scripts;
    private final Scratch scratch;
    private final Map<String, String> environment;
    private final int port = Ports.free();
    private final int tlsPort = Ports.free();
    private final Leashed epmd;
    private Leashed node;

    private PrivateRabbitMq(Path scripts, Path epmdProgram, Scratch scratch, @Nullable CertificateFiles certificate) {
        this.scripts = scripts;
        this.scratch = scratch;
        var epmdPort = Ports.free();
        writeFiles(certificate);
        this.environment = environment(Ports.free(), epmdPort);
        // Ours and in the foreground: the one that a node starts for itself would stay behind.
        this.epmd = Leashed.start(
                scratch.path(),
                scratch.path("epmd.log"),
                environment,
                List.of(epmdProgram.toString(), "-port", String.valueOf(epmdPort), "-address", "127.0.0.1"));
        this.node = run();
    }

    /** Whether RabbitMQ is installed here. */
    public static boolean isInstalled() {
        return Executables.rabbitMqScripts().isPresent()
                && Executables.find("epmd").isPresent();
    }

    /**
     * Starts a node and waits until it takes connections, about 5 s.
     *
     * @throws IllegalStateException if RabbitMQ is not installed, or with the end of the node's log if it does not start
     */
    public static PrivateRabbitMq start() {
        return start(null);
    }

    /** As {@link #start()}, with a listener for TLS that presents this certificate. */
    public static PrivateRabbitMq startWithTls(CertificateFiles certificate) {
        return start(certificate);
    }

    private static PrivateRabbitMq start(@Nullable CertificateFiles certificate) {
        var scripts = Executables.rabbitMqScripts()
                .orElseThrow(() -> new IllegalStateException("no rabbitmq-server on this machine"));
        var epmd = Executables.find("epmd").orElseThrow(() -> new IllegalStateException("no epmd on this machine"));
        var node = new PrivateRabbitMq(scripts, epmd, Scratch.create("farm-rabbitmq-"), certificate);
        try {
            node.awaitReady();
            return node;
        } catch (RuntimeException e) {
            node.close();
            throw e;
        }
    }

    /** {@code amqp://user:password@127.0.0.1:port/}, the same all its life. The user may do everything. */
    public String url() {
        return "amqp://" + USER + ":" + PASSWORD + "@" + host() + "/";
    }

    /** {@code amqps://user:password@host:port/}, for a name of 127.0.0.1. Nobody listens without a certificate. */
    public String tlsUrl(String host) {
        return "amqps://" + USER + ":" + PASSWORD + "@" + host + ":" + tlsPort + "/";
    }

    /** {@code amqp://user:password@127.0.0.1:port,127.0.0.1:port/}, this node and another of this JVM's. */
    public String urlWith(String otherHost) {
        return url().replaceFirst("/$", "," + otherHost + "/");
    }

    /** {@code 127.0.0.1:port}. */
    public String host() {
        return "127.0.0.1:" + port;
    }

    /** Stops it in its tracks, connections open and nothing answered, as a host that vanishes; {@link #kill} ends it. */
    public void freeze() {
        node.freeze();
    }

    /** Lets it go on after {@link #freeze}. */
    public void thaw() {
        node.thaw();
    }

    /** The process id of the Erlang VM that runs now, or ran last. */
    public long pid() {
        return node.pid();
    }

    /** Stops it as an administrator does, and starts it again. */
    public void restart() {
        stop();
        startAgain();
    }

    /** Stops it as an administrator does. */
    public void stop() {
        node.terminate(STOP);
    }

    /** Kills it with -9, and waits until it is gone. */
    public void kill() {
        node.kill();
    }

    /** Starts it after {@link #stop} or {@link #kill}, on the same ports with the same data, and waits until it is ready. */
    public void startAgain() {
        if (node.isAlive()) {
            throw new IllegalStateException("the node still runs");
        }
        node = run();
        awaitReady();
    }

    /**
     * Runs {@code rabbitmqctl} against it, such as {@code ctl("list_queues", "name", "messages")}. Takes 1 to 3 s.
     *
     * @return what it printed
     * @throws IllegalStateException with what it printed, if it fails or takes longer than 60 s
     */
    public String ctl(String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(scripts.resolve("rabbitmqctl").toString(), "--quiet"));
        command.addAll(List.of(arguments));
        try {
            // A file and not a pipe, so that a deadline holds whatever it prints.
            var output = Files.createTempFile(scratch.path(), "ctl-", ".out");
            var builder = new ProcessBuilder(command)
                    .directory(scratch.path().toFile())
                    .redirectInput(new File("/dev/null"))
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            builder.environment().clear();
            builder.environment().putAll(environment);
            var process = builder.start();
            var ended = process.waitFor(CTL.toMillis(), TimeUnit.MILLISECONDS);
            if (!ended) {
                process.destroyForcibly();
            }
            var text = Files.readString(output);
            Files.delete(output);
            if (!ended || process.exitValue() != 0) {
                var how = ended ? "exit code " + process.exitValue() : "no end after " + CTL;
                throw new IllegalStateException(
                        "rabbitmqctl " + String.join(" ", arguments) + ": " + how + "\n" + text);
            }
            return text;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted during rabbitmqctl", e);
        }
    }

    /** Ends the node and its {@code epmd}, at once, and removes its folder. */
    @Override
    public void close() {
        try {
            node.kill();
            epmd.kill();
        } finally {
            scratch.close();
        }
    }

    private Leashed run() {
        return Leashed.start(
                scratch.path(),
                scratch.path("console.log"),
                environment,
                List.of(scripts.resolve("rabbitmq-server").toString()));
    }

    private void awaitReady() {
        var logs = List.of(scratch.path("console.log"), scratch.path("node.log"));
        Readiness.await("the private RabbitMQ node", node, START, logs, () -> Probes.broker(url()));
    }

    private void writeFiles(@Nullable CertificateFiles certificate) {
        scratch.folder("home");
        scratch.file("home/.erlang.cookie", UUID.randomUUID().toString(), "r--------");
        scratch.file("env.conf", "", "rw-------");
        scratch.file("enabled_plugins", "[].", "rw-------");
        scratch.file("advanced.config", "[].", "rw-------");
        scratch.file(
                "rabbitmq.conf",
                """
                listeners.tcp.1 = 127.0.0.1:%d
                default_user = %s
                default_pass = %s
                vm_memory_high_watermark.absolute = 1GB
                disk_free_limit.absolute = 50MB
                """.formatted(port, USER, PASSWORD)
                        + (certificate == null
                                ? ""
                                : """
                listeners.ssl.1 = 127.0.0.1:%d
                ssl_options.certfile = %s
                ssl_options.keyfile = %s
                ssl_options.cacertfile = %s
                """.formatted(
                                                tlsPort,
                                                certificate.certificate(),
                                                certificate.key(),
                                                certificate.authority())),
                "rw-------");
    }

    /** Nothing is inherited but the PATH: a variable of RabbitMQ's on this machine is not about this node. */
    private Map<String, String> environment(int distributionPort, int epmdPort) {
        Map<String, String> all = new HashMap<>();
        all.put("PATH", System.getenv().getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin"));
        all.put("LC_ALL", "C.UTF-8");
        all.put("HOME", scratch.path("home").toString());
        all.put("RABBITMQ_CONF_ENV_FILE", scratch.path("env.conf").toString()); // empty: hides the system's
        all.put("RABBITMQ_NODENAME", "farm-test-" + port + "@localhost");
        all.put("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1");
        all.put("RABBITMQ_NODE_PORT", String.valueOf(port));
        all.put("RABBITMQ_DIST_PORT", String.valueOf(distributionPort));
        all.put("ERL_EPMD_PORT", String.valueOf(epmdPort));
        all.put("ERL_EPMD_ADDRESS", "127.0.0.1");
        all.put("RABBITMQ_MNESIA_BASE", scratch.folder("mnesia").toString());
        all.put("RABBITMQ_LOG_BASE", scratch.path().toString());
        all.put("RABBITMQ_LOGS", scratch.path("node.log").toString());
        all.put("RABBITMQ_ENABLED_PLUGINS_FILE", scratch.path("enabled_plugins").toString());
        all.put("RABBITMQ_CONFIG_FILE", scratch.path("rabbitmq.conf").toString());
        all.put("RABBITMQ_ADVANCED_CONFIG_FILE", scratch.path("advanced.config").toString());
        all.put("RABBITMQ_GENERATED_CONFIG_DIR", scratch.folder("generated").toString());
        all.put("RABBITMQ_PID_FILE", scratch.path("node.pid").toString());
        all.put(
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
                "-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none");
        // Makes the script become the Erlang VM instead of waiting for it, so that signals reach the VM itself.
        all.put("RUNNING_UNDER_SYSTEMD", "true");
        return Map.copyOf(all);
    }
}
