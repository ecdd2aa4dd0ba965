# ruff: noqa: E501 - one row of the corpus is one line
"""Sentences in four languages with a place (`{}`) for a number, and words that stand around it."""

from __future__ import annotations

CARD = {
    "en": [
        "My card {} was charged twice, please help", "I lost my card, the number is {}", "card no. {} - why is it blocked?",
        "Hi! {} is declined everywhere since Monday", "can you unblock {} for me today", "Visa {}, exp 09/28, does not work",
        "paid with {} and never got a confirmation", "{}", "Here it is: {}. Thanks!", "my details: {} / J. Miller / 11/27",
    ],
    "nl": [
        "Mijn pas {} is geblokkeerd, kunt u helpen?", "Ik ben mijn creditcard {} kwijt!", "kaartnummer {} werkt niet in de winkel",
        "Hallo, {} is twee keer afgeschreven", "Kunt u {} vandaag nog deblokkeren", "Pasnummer: {}, geldig tot 04/29",
        "ik heb betaald met {} maar zie niets", "{}", "Dit is hem: {}. Alvast bedankt", "creditcard {} (J. de Vries)",
    ],
    "ko": [
        "제 카드번호는 {}입니다 확인 부탁드려요", "카드 {} 분실했어요 정지해주세요", "{} 이 카드 왜 결제가 안 되나요?",
        "어제부터 {} 결제가 계속 거절돼요", "신용카드 {} 유효기간 09/28 입니다", "체크카드 {} 비밀번호 오류",
        "{}로 두 번 결제됐어요", "{}", "번호 보내드려요: {} 감사합니다", "카드번호{}한도 올려주세요",
    ],
    "zh": [
        "我的卡号是{}，请尽快冻结", "信用卡{}丢了怎么办", "银行卡 {} 一直显示余额不足", "用{}付款被拒绝了",
        "卡号：{}，有效期09/28", "请帮我查一下{}的交易", "{}", "您好，{}被重复扣款", "储蓄卡{}无法取款", "这是我的卡 {} 谢谢",
    ],
}  # fmt: skip
CODE = {
    "en": ["my cvv is {}", "CVV: {}", "cvc {} still asks for verification", "security code {} on the back", "CVV2 = {}"],
    "nl": ["de cvc is {}", "CVC-code: {}", "cvv {} wordt niet geaccepteerd", "beveiligingscode {} klopt toch?", "mijn cvc code is {}"],
    "ko": ["CVC 번호는 {} 이에요", "cvv {} 입력했는데 오류", "보안코드 {} 맞나요", "CVC: {}", "cvc번호 {}입니다"],
    "zh": ["CVV是{}", "安全码{}不对吗", "cvv码：{}", "卡背面的三位数字是{}", "CVC {} 怎么一直错误"],
}  # fmt: skip
KOREAN = {
    "en": ["my resident registration number is {}", "RRN: {}", "resident number {} for the account", "Korean ID {}", "registration number {}, please check"],
    "nl": ["mijn Koreaanse registratienummer is {}", "RRN {}", "resident registration number: {}", "Koreaans ID {}", "het nummer is {}"],
    "ko": ["주민번호 {} 입니다", "주민등록번호는 {}인데 조회가 안돼요", "제 민번 {} 확인해주세요", "외국인등록번호 {}", "본인확인 {} 부탁드려요"],
    "zh": ["我的韩国居民登录号是{}", "外国人登录证号码 {}", "居民登记号{}可以用吗", "韩国身份证 {}", "号码{}，谢谢"],
}  # fmt: skip
CHINESE = {
    "en": ["my Chinese ID is {}", "ID card number {} does not verify", "identity card: {}", "{}", "national id {} please check"],
    "nl": ["mijn Chinese identiteitskaart {}", "ID-nummer {}", "identiteitsnummer: {}", "{}", "Chinees ID {} wordt geweigerd"],
    "ko": ["중국 신분증 번호 {}", "신분증 {} 인증이 안돼요", "중국인 신분증번호: {}", "{}", "신분증번호는 {}이에요"],
    "zh": ["身份证号{}，请核实", "我的身份证是 {}", "证件号码：{}", "{}", "身份证{}无法认证怎么办"],
}  # fmt: skip
CHINESE_OLD = {
    "en": ["my old ID card number is {}", "identity card {}"],
    "nl": ["oud identiteitsnummer {}", "identiteitskaart nummer {}"],
    "ko": ["구 신분증 번호 {}", "신분증 {}"],
    "zh": ["老身份证号{}", "我的15位身份证号码是{}"],
}
DUTCH = {
    "en": ["my BSN is {}", "BSN: {}", "Dutch citizen service number {}", "burgerservicenummer {} is wrong in your system", "bsn {} please"],
    "nl": ["mijn BSN is {}", "BSN: {}", "burgerservicenummer {} klopt niet", "Mijn sofinummer {} staat er fout in", "bsn-nummer {}"],
    "ko": ["네덜란드 BSN 번호는 {}", "BSN {} 등록했어요", "BSN: {}", "bsn번호 {}입니다", "burgerservicenummer {}"],
    "zh": ["我的荷兰BSN是{}", "BSN号码：{}", "荷兰公民服务号码{}", "bsn {} 已提交", "BSN {}"],
}  # fmt: skip
ACCOUNT = {
    "en": ["please refund to {}", "my IBAN is {}", "IBAN: {}", "transfer to {} failed", "{}"],
    "nl": ["graag terugstorten op {}", "mijn IBAN is {}", "IBAN: {} t.n.v. de Vries", "rekening {} staat rood", "{}"],
    "ko": ["IBAN {} 로 송금했어요", "계좌 {} 입금 확인", "IBAN: {}", "해외송금 {} 실패", "{}"],
    "zh": ["我的IBAN是{}", "请退款到{}", "IBAN：{}", "汇款到 {} 失败", "{}"],
}  # fmt: skip
LOOK_ALIKES = {
    "en": {
        "order": ["where is my order {}?", "Order number {} has not arrived", "order #{} cancelled twice"],
        "tracking": ["tracking number {} shows nothing", "parcel {} is stuck", "Tracking: {}"],
        "reference": ["reference {} from your letter", "ref {} about my complaint", "case {} is still open"],
        "amount": ["you took {} from my account", "{} is missing", "balance of {}"],
        "phone": ["call me at {}", "my number is {}", "phone {} after five"],
        "time": ["since {} nothing works", "on {} the app crashed", "at {} it was fine"],
        "account": ["account {} is not shown", "my account number is {}", "from account {}"],
        "business": ["business registration {}", "our company number {}", "company no. {}"],
        "other": ["see {}", "about {}", "{} - what is this?"],
    },
    "nl": {
        "order": ["waar blijft bestelling {}?", "Bestelnummer {} is niet geleverd", "ordernummer {} klopt niet"],
        "tracking": ["track & trace {} geeft niets", "pakket {} is kwijt", "Trackingnummer: {}"],
        "reference": ["kenmerk {} uit uw brief", "dossier {} loopt nog", "klachtnummer {} graag nakijken"],
        "amount": ["er is {} afgeschreven", "{} ontbreekt", "saldo van {}"],
        "phone": ["bel mij op {}", "mijn nummer is {}", "tel. {} na vijven"],
        "time": ["sinds {} werkt niets", "op {} liep de app vast", "om {} ging het nog"],
        "account": ["rekening {} staat er niet bij", "mijn rekeningnummer is {}", "van rekening {}"],
        "business": ["KvK {} is ons bedrijf", "kvk-nummer {}", "bedrijfsnummer {}"],
        "other": ["zie {}", "het gaat over {}", "{} - wat is dit?"],
    },
    "ko": {
        "order": ["주문번호 {} 언제 와요?", "주문 {} 취소해주세요", "주문번호는 {}입니다"],
        "tracking": ["운송장번호 {} 조회가 안돼요", "송장 {} 어디쯤인가요", "택배 {} 안 왔어요"],
        "reference": ["접수번호 {} 답변 주세요", "승인번호 {} 취소됐나요", "문의번호 {} 처리 상태"],
        "amount": ["{} 빠져나갔어요", "잔액이 {}인데요", "{} 입금 확인"],
        "phone": ["{}로 연락주세요", "제 번호는 {}", "전화 {} 부탁드려요"],
        "time": ["{}부터 접속이 안돼요", "{}에 앱이 꺼졌어요", "{} 기준으로요"],
        "account": ["계좌 {}로 입금했어요", "제 계좌번호는 {}입니다", "국민은행 {} 이체"],
        "business": ["사업자등록번호 {} 입니다", "사업자번호 {}", "사업자 {} 카드단말기"],
        "other": ["{} 보세요", "{} 관련해서요", "{} 이게 뭐예요?"],
    },
    "zh": {
        "order": ["订单号{}还没到", "订单 {} 怎么取消", "我的订单编号是{}"],
        "tracking": ["快递单号{}查不到", "运单号 {} 没更新", "物流单号：{}"],
        "reference": ["流水号{}请查一下", "工单{}处理了吗", "受理编号 {}"],
        "amount": ["扣了我{}", "余额{}不对", "{}没到账"],
        "phone": ["打我手机{}", "电话 {}", "请联系{}"],
        "time": ["从{}开始就不能用", "{}应用崩溃了", "截至{}"],
        "account": ["对公账户 {} 没到账", "账户{}显示异常", "户头 {}"],
        "business": ["统一社会信用代码{}", "营业执照号 {}", "公司税号{}"],
        "other": ["看{}", "关于{}", "{} 这是什么？"],
    },
}  # fmt: skip
