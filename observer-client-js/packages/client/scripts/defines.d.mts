export declare const defines: Record<string, string>;
