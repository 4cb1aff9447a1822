package dev.workerfarm.worker.download.address;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.regex.Pattern;

/** A CIDR block of IPv4 or IPv6 addresses, such as {@code 10.0.0.0/8}. Immutable. */
@SuppressWarnings("ArrayRecordComponent") // two blocks are never compared
public record AddressBlock(byte[] network, int prefixBits) {
    private static final Pattern IPV4 =
            Pattern.compile("(%1$s\\.){3}%1$s".formatted("(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)"));
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F.]*:[0-9a-fA-F:.]*");

    /**
     * Reads {@code 192.0.2.1}, {@code 192.0.2.0/24}, {@code ::1} or {@code fd00::/8}; never asks a name server. IPv4 is
     * four decimal numbers without leading zeros, as other forms mean different things to different programs.
     */
    static AddressBlock parse(String text) {
        int slash = text.indexOf('/');
        byte[] network = literal(slash < 0 ? text : text.substring(0, slash));
        int bits = network.length * 8;
        if (slash < 0) {
            return new AddressBlock(network, bits);
        }
        String prefix = text.substring(slash + 1);
        if (!prefix.matches("\\d{1,3}") || Integer.parseInt(prefix) > bits) {
            throw new IllegalArgumentException("a prefix length is 0 to " + bits + ": " + text);
        }
        return new AddressBlock(network, Integer.parseInt(prefix));
    }

    /** The address's 4 or 16 bytes; 4 for an IPv4-mapped one ({@code ::ffff:127.0.0.1}), as it is an IPv4 address in all but its spelling. */
    public static byte[] bytesOf(InetAddress address) {
        byte[] bytes = address.getAddress();
        boolean mapped = bytes.length == 16
                && Arrays.equals(bytes, 0, 10, new byte[10], 0, 10)
                && bytes[10] == -1
                && bytes[11] == -1;
        return mapped ? Arrays.copyOfRange(bytes, 12, 16) : bytes;
    }

    /** @param address 4 or 16 bytes, as {@link #bytesOf} gives them */
    boolean contains(byte[] address) {
        if (address.length != network.length) {
            return false;
        }
        int whole = prefixBits / 8;
        if (!Arrays.equals(address, 0, whole, network, 0, whole)) {
            return false;
        }
        int rest = prefixBits % 8;
        return rest == 0 || ((address[whole] ^ network[whole]) & 0xff) >>> (8 - rest) == 0;
    }

    private static byte[] literal(String text) {
        try {
            if (IPV4.matcher(text).matches()) {
                return InetAddress.getByName(text).getAddress();
            }
            if (IPV6.matcher(text).matches()) {
                // In brackets the JDK takes it as a literal or not at all.
                byte[] bytes = InetAddress.getByName("[" + text + "]").getAddress();
                if (bytes.length == 16) {
                    return bytes;
                }
            }
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("not an address: " + text, e);
        }
        throw new IllegalArgumentException("not an address: " + text);
    }
}
