package dev.workerfarm.redis;

import dev.workerfarm.config.Durations;
import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.config.TlsSettings;
import dev.workerfarm.error.RedisTimeoutException;
import dev.workerfarm.error.RedisUnreachableException;
import dev.workerfarm.error.SharedStateException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.AbstractPipeline;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.DefaultRedisCredentials;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisCredentials;
import redis.clients.jedis.Response;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisAccessControlException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisNoScriptException;

/**
 * Redis as the rest of this package sees it: none of Jedis's exceptions comes out. It connects on first use and again
 * after a failure; threads share it. No command is sent twice: one whose answer was lost may have taken effect.
 */
public final class RedisConnection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RedisConnection.class);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(5); // an array of 10 000 000 elements is filled in less
    private static final String UNCERTAIN = "; whether the operation took effect is not known";
    private static final int MAX_CONNECTIONS = 32;

    /** Redis's own state, not the operation, is what stands in the way; from the list of error prefixes in Redis's source. */
    private static final Pattern UNABLE =
            Pattern.compile("(LOADING|BUSY|MISCONF|OOM|READONLY|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|MOVED|"
                    + "ERR DB index|ERR AUTH|ERR invalid password|ERR max number)\\b.*");

    private final RedisAddress address;
    private final Duration answerTimeout;
    private final Duration connectTimeout;
    private final RedisClient client;

    /** Redis has 1 ms to 24 days to answer; less than 2 s bounds connecting too. */
    RedisConnection(RedisAddress address, Duration answerTimeout) {
        var answerMillis = Durations.intMillis(answerTimeout);
        if (answerMillis < 1) { // Jedis takes 0 for no bound at all
            throw new IllegalArgumentException("Redis has 1 ms or more to answer, not " + answerTimeout);
        }
        this.address = address;
        this.answerTimeout = Duration.ofMillis(answerMillis);
        this.connectTimeout = answerTimeout.compareTo(CONNECT_TIMEOUT) < 0 ? this.answerTimeout : CONNECT_TIMEOUT;
        var config = DefaultJedisClientConfig.builder()
                .resp2()
                .credentialsProvider(this::credentials)
                .database(address.database())
                .connectionTimeoutMillis(Durations.intMillis(connectTimeout))
                .socketTimeoutMillis(answerMillis)
                .clientName("workerfarm")
                .clientSetInfoConfig(ClientSetInfoConfig.DISABLED);
        if (address.tls()) {
            useTls(config, address.tlsSettings());
        }
        var pool = new ConnectionPoolConfig();
        pool.setMaxTotal(MAX_CONNECTIONS);
        pool.setMaxIdle(MAX_CONNECTIONS);
        pool.setMaxWait(this.answerTimeout);
        pool.setJmxEnabled(false); // starting JMX for it takes longer than everything else here
        var builder = RedisClient.builder().hostAndPort(address.host(), address.port());
        this.client = builder.clientConfig(config.build()).poolConfig(pool).build();
    }

    /** For each new connection, as a password in a file may have been changed. Any thread. */
    private RedisCredentials credentials() {
        var present = address;
        try {
            present = address.readAgain();
        } catch (IllegalArgumentException e) { // such as a file that is gone, after it was read at the start
            LOG.debug("user and password for Redis stay what they were reason={}", e.getMessage());
        }
        var password = present.password();
        return new DefaultRedisCredentials(present.user(), password == null ? null : password.toCharArray());
    }

    /**
     * Runs a command about a subject, such as {@code value 'total'}. Throws RedisUnreachableException if Redis is away,
     * refuses us or gives no answer; SharedStateException if it refuses the command, which changed nothing.
     */
    public <T extends @Nullable Object> T call(String subject, Function<UnifiedJedis, T> command) {
        try {
            return command.apply(client);
        } catch (JedisException e) {
            throw translated(subject, e);
        }
    }

    /** Runs a script, which Redis may have to be told first: it forgets them when it restarts. */
    public List<Object> run(String subject, Script script, List<String> keys, List<String> arguments) {
        return call(subject, redis -> {
            Object answer;
            try {
                answer = redis.evalsha(script.sha1(), keys, arguments);
            } catch (JedisNoScriptException e) {
                answer = redis.eval(script.text(), keys, arguments);
            }
            return List.copyOf((List<?>) answer);
        });
    }

    /** Sends commands together, and throws as {@link #call} what the first of them was refused for. */
    public void pipelined(String subject, Function<AbstractPipeline, List<? extends Response<?>>> commands) {
        call(subject, redis -> {
            try (var pipeline = redis.pipelined()) {
                var answers = commands.apply(pipeline);
                pipeline.sync();
                answers.forEach(Response::get);
                return true;
            }
        });
    }

    @Override
    public void close() {
        client.close();
    }

    // Deprecated in favour of SslOptions, which takes key stores as files alone.
    @SuppressWarnings("deprecation")
    private static void useTls(DefaultJedisClientConfig.Builder config, TlsSettings settings) {
        var parameters = new SSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS"); // the certificate must be for this host
        config.ssl(true).sslSocketFactory(settings.context().getSocketFactory()).sslParameters(parameters);
    }

    private RuntimeException translated(String subject, JedisException e) {
        String text = String.valueOf(e.getMessage());
        if (text.startsWith("NOAUTH")) { // Redis goes on about HELLO here
            return unreachable("wants a password: set it in " + RedisAddress.VARIABLE, e);
        }
        if (text.startsWith("NOPERM")) {
            return unreachable(
                    "refuses us (" + text + "): give the user of " + RedisAddress.VARIABLE + " this right", e);
        }
        if (e instanceof JedisAccessControlException) {
            return unreachable("refuses us (" + text + "): check user and password in " + RedisAddress.VARIABLE, e);
        }
        if (e instanceof JedisDataException && UNABLE.matcher(text).matches()) {
            return unreachable("cannot serve us now (" + text + ")", e);
        }
        if (e instanceof JedisDataException && text.contains("near '#'")) { // Lua's word about a script's first line
            return unreachable("is too old: the farm needs Redis 7.0 or newer", e);
        }
        if (e instanceof JedisDataException) {
            return new SharedStateException(subject + ": Redis refused (" + text + "); nothing was changed", e);
        }
        var root = root(e);
        if (root instanceof IllegalStateException) { // the pool's too
            return new IllegalStateException("the shared state is closed", e);
        }
        if (root instanceof NoSuchElementException) { // the pool's
            return unreachable("had all our " + MAX_CONNECTIONS + " connections busy for " + text(answerTimeout), e);
        }
        // The other idle connections are most likely as dead as this one.
        client.getPool().clear();
        text = String.valueOf(root.getMessage());
        if (root instanceof UnknownHostException) {
            return notReachable("unknown host", e);
        }
        if (root instanceof ConnectException || root instanceof NoRouteToHostException) {
            return notReachable(text.toLowerCase(Locale.ROOT), e);
        }
        if (root instanceof SocketTimeoutException && text.startsWith("Connect")) {
            return notReachable("no connection within " + text(connectTimeout), e);
        }
        if (root instanceof SocketTimeoutException) {
            var within = " gave no answer within " + text(answerTimeout);
            return new RedisTimeoutException("Redis at " + address.hostAndPort() + within + UNCERTAIN, e);
        }
        var tls = TlsSettings.problem(e);
        if (tls != null) {
            return new RedisUnreachableException("no TLS with Redis at " + address.hostAndPort() + ": " + tls, e);
        }
        if (text.startsWith("Unknown reply")) {
            return unreachable("does not speak Redis's protocol: check " + RedisAddress.VARIABLE, e);
        }
        // With TLS 1.3 a server that misses a client certificate may hang up before we have read why.
        var hint = address.tls() && !address.tlsSettings().hasClientCertificate()
                ? ", as one does that wants a client certificate (" + TlsSettings.CERTIFICATE + ")"
                : "";
        return unreachable("broke off the connection (" + text + ")" + hint + UNCERTAIN, e);
    }

    /** What the JDK said; in Jedis the cause, or for a failed connect a suppressed exception, which may lead back. */
    private static Throwable root(Throwable e) {
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        var root = e;
        for (@Nullable Throwable next = e; next != null && seen.add(next); ) {
            root = next;
            next = next.getCause() == null && next.getSuppressed().length > 0
                    ? next.getSuppressed()[0]
                    : next.getCause();
        }
        return root;
    }

    private RedisUnreachableException notReachable(String reason, JedisException cause) {
        return unreachable("is not reachable (" + reason + "): start it or set " + RedisAddress.VARIABLE, cause);
    }

    private static String text(Duration duration) {
        return duration.toMillisPart() == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
    }

    private RedisUnreachableException unreachable(String problem, JedisException cause) {
        return new RedisUnreachableException("Redis at " + address.hostAndPort() + " " + problem, cause);
    }
}
