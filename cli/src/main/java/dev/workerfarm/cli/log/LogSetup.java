package dev.workerfarm.cli.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;

/**
 * Logback's settings of the farm's own programs, found by Logback through its service file. In Java, as reading them from XML
 * took a quarter of a worker process's start. Logs go to standard error: standard output carries results. The variable
 * FARM_LOG_LEVEL sets the level of the farm's own loggers, as does the system property {@code farm.log.level} (the producer's
 * verbose flag), which wins. FARM_LOG_FORMAT says text for people, or json (an object a line) for machines.
 *
 * <p>Steps aside where somebody brings settings of their own: {@code logback.xml} or {@code logback-test.xml} on the class
 * path, or the system property {@code logback.configurationFile}.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class LogSetup extends ContextAwareBase implements Configurator {
    /** Throws IllegalArgumentException, where the user hears of it, unless {@code FARM_LOG_FORMAT} is text or json or empty. */
    public static void requireFormat(Map<String, String> environment) {
        var format = environment.getOrDefault("FARM_LOG_FORMAT", "");
        if (!List.of("", "text", "json").contains(format)) {
            throw new IllegalArgumentException("FARM_LOG_FORMAT: '" + format + "' is neither text nor json");
        }
    }

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        if (System.getProperty("logback.configurationFile") != null
                || LogSetup.class.getResource("/logback-test.xml") != null
                || LogSetup.class.getResource("/logback.xml") != null) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        var process = System.getProperty("farm.process");
        context.setName(process == null ? "main" : process);
        var encoder = "json".equals(System.getenv("FARM_LOG_FORMAT")) ? new JsonLine() : text(context);
        encoder.setContext(context);
        encoder.start();
        var appender = appender(process == null);
        appender.setContext(context);
        appender.setName("STDERR");
        appender.setEncoder(encoder);
        appender.start();
        var ids = new TaskIds();
        ids.setContext(context);
        ids.start();
        context.addTurboFilter(ids);
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.addAppender(appender);
        var variable = System.getenv().getOrDefault("FARM_LOG_LEVEL", "");
        var level = System.getProperty("farm.log.level", variable).strip();
        context.getLogger("dev.workerfarm").setLevel(Level.toLevel(level, Level.INFO));
        context.getLogger("org.apache.qpid").setLevel(Level.ERROR);
        // Warns of each closed socket, which our own supervision tells better or expects; its errors are real ones.
        context.getLogger("com.rabbitmq.client.impl.ForgivingExceptionHandler").setLevel(Level.ERROR);
        // Its failed handshakes reach the user as one line of ours.
        context.getLogger("com.rabbitmq.client.impl.SocketFrameHandler").setLevel(Level.OFF);
        // Warns, with a stack, of each idle connection cut by a restart of Redis; those in use fail by themselves.
        context.getLogger("redis.clients.jedis").setLevel(Level.ERROR);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** To the present {@code System.err}, or, in a worker's process, past what takes its place and cuts what tasks print. */
    private static OutputStreamAppender<ILoggingEvent> appender(boolean isToPresent) {
        if (isToPresent) {
            var console = new ConsoleAppender<ILoggingEvent>();
            console.setTarget("System.err");
            return console;
        }
        var appender = new OutputStreamAppender<ILoggingEvent>();
        appender.setOutputStream(System.err);
        return appender;
    }

    private static Encoder<ILoggingEvent> text(LoggerContext context) {
        var layout = new LogLine();
        layout.setContext(context);
        layout.start();
        var encoder = new LayoutWrappingEncoder<ILoggingEvent>();
        encoder.setLayout(layout);
        encoder.setCharset(StandardCharsets.UTF_8);
        return encoder;
    }
}
