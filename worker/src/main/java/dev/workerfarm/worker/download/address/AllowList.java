package dev.workerfarm.worker.download.address;

import java.net.IDN;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The exceptions from "public addresses only", as an operator writes them in {@code FARM_DOWNLOAD_ALLOW}. Immutable.
 *
 * <p>A host name lets through whatever it resolves to, though only for URLs with that host; an address or a block lets
 * through those addresses, whatever the URL says.
 */
public record AllowList(List<String> hosts, List<AddressBlock> blocks) {
    public static final String VARIABLE = "FARM_DOWNLOAD_ALLOW";

    public static final AllowList NONE = new AllowList(List.of(), List.of());

    private static final String LABEL = "[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?";
    private static final Pattern HOST_NAME = Pattern.compile("(%s\\.)*(?!\\d+$|0x)%s".formatted(LABEL, LABEL));

    /** IDNA 2003, which Java has, and UTS 46, by which OkHttp reads URLs, spell these differently. */
    private static final Pattern DEVIATING = Pattern.compile("[\\u00df\\u1e9e\\u03c2\\u200c\\u200d]");

    public AllowList {
        hosts = List.copyOf(hosts);
        blocks = List.copyOf(blocks);
    }

    /**
     * Reads entries between commas: {@code images.example.com}, {@code *.example.com} (every host below it, not
     * itself), {@code 10.1.2.3}, {@code 10.0.0.0/8}, {@code fd00::/8}. No ports, no URLs.
     */
    public static AllowList parse(String text) {
        List<String> hosts = new ArrayList<>();
        List<AddressBlock> blocks = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            String entry = part.strip();
            if (entry.isEmpty()) {
                continue;
            }
            try {
                if (entry.indexOf(':') >= 0 || entry.indexOf('/') >= 0 || entry.matches("[0-9.]+")) {
                    blocks.add(AddressBlock.parse(entry));
                } else {
                    hosts.add(hostPattern(entry));
                }
            } catch (IllegalArgumentException e) {
                var wanted = "' is neither a host name (example.com, *.example.com) nor an address or a block"
                        + " (10.1.2.3, 10.0.0.0/8, fd00::/8)";
                throw new IllegalArgumentException(VARIABLE + ": '" + entry + wanted, e);
            }
        }
        return new AllowList(hosts, blocks);
    }

    /** Whether the host of a URL is let through, given as it stands in the URL. */
    public boolean allowsHost(String host) {
        String name = (host.endsWith(".") ? host.substring(0, host.length() - 1) : host).toLowerCase(Locale.ROOT);
        return hosts.stream()
                .anyMatch(allowed ->
                        allowed.startsWith("*.") ? name.endsWith(allowed.substring(1)) : name.equals(allowed));
    }

    /** Whether an address is let through, given as {@link AddressBlock#bytesOf} does. */
    public boolean allowsAddress(byte[] address) {
        return blocks.stream().anyMatch(block -> block.contains(address));
    }

    private static String hostPattern(String entry) {
        String wildcard = entry.startsWith("*.") ? "*." : "";
        String name = entry.substring(wildcard.length());
        if (DEVIATING.matcher(name).find()) {
            throw new IllegalArgumentException("to be written in Punycode (xn--...): " + name);
        }
        // As it stands in a URL that OkHttp has read: lower case, Punycode.
        String host = IDN.toASCII(name, IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT);
        if (!HOST_NAME.matcher(host).matches()) {
            throw new IllegalArgumentException("not a host name: " + host);
        }
        return wildcard + host;
    }
}
