import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Scanner;
import java.util.regex.Pattern;

/**
 * Which texts match which patterns, by Java. It reads a line of patterns and a line of texts, each in
 * Base64 and followed by a comma, as Java itself reads no JSON.
 */
public final class Patterns {
  public static void main(String[] arguments) {
    Scanner in = new Scanner(System.in, StandardCharsets.UTF_8);
    List<String> patterns = decode(in.nextLine());
    List<String> texts = decode(in.nextLine());
    List<List<Boolean>> matched = new ArrayList<>();
    for (String pattern : patterns) {
      Pattern compiled = Pattern.compile(pattern);
      List<Boolean> row = new ArrayList<>();
      for (String text : texts) {
        row.add(compiled.matcher(text).matches());
      }
      matched.add(row);
    }
    System.out.println(matched);
  }

  private static List<String> decode(String line) {
    List<String> decoded = new ArrayList<>();
    for (String each : line.split(",")) {
      decoded.add(new String(Base64.getDecoder().decode(each), StandardCharsets.UTF_8));
    }
    return decoded;
  }
}
